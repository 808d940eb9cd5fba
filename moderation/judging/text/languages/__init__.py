"""Stretches in another language than the rest of a text, found by lists of words."""

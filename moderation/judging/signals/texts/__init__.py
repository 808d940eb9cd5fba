"""Signals about a comment's text."""

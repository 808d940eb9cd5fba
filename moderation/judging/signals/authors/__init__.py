"""Signals about a comment's author."""

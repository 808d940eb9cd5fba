"""Suggestions for editors, and their picks."""

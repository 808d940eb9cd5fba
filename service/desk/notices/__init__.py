"""Notices of illegal content: the list of them, and one with its letter and its contact."""

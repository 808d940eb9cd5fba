"""Readers' reports of comments, and what enough of them do."""

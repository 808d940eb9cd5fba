"""Relevance in other languages than English."""

"""Counting and learning: checks, trends, learning. It may import the moderators' wing and all below."""

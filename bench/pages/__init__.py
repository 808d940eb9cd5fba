"""Measurements of what pages ask for: a long discussion, and thousands of open pages."""

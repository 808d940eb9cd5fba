"""Measures of weights on rows that they did not learn from."""

"""Deletion for good: comments past their time, one reader, and whole sites."""

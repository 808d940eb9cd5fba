"""Deletion for good: comments past their time, and whole sites."""

"""Counted days and months, and the figures of Trends over them.

It may import `queue` and `comments`.
"""

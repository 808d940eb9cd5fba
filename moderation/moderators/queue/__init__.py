"""The flagged queue: its order, its filters, what changed, claims and skips.

It may import `comments` and `articles`.
"""

"""Checks: comments drawn at random and judged blind, and the error rates, agreement, bias and drift that follow.

It may import `review`, `finding`, `appeals` and `statements`, and no other subject.
"""

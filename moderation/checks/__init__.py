"""Checks: comments drawn at random and judged blind, and the error rates, agreement, bias and drift that follow.

It may import `review` and `finding`, and no other subject.
"""

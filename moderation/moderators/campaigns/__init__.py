"""Campaigns: near copies by several authors, how a copy joins one, and the decisions on all copies.

It may import `review` and `finding`, and no other subject.
"""

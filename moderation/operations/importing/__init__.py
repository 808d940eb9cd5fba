"""Brings a newsroom's history in: comments that were decided before Gavel, with their articles and authors.

They are history: no event, no webhook, no queue and no score comes of them.
"""

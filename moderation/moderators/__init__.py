"""The work of moderators: queue, reviews, finding, campaigns, measures against authors.

It may import the law and all below.
"""

"""The outbox and its envelope: what a site, or a Coral, hears of a change.

It may not import `comments` or a subject.
"""

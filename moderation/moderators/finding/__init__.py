"""Lists, search, threads, timelines and past decisions: comments as people and sites look for them.

It reads only, the audit trail too. It may import `comments` and `queue`.
"""

"""Lists, search, threads, timelines and past decisions: comments as people and sites look for them.

It reads only. It may import `comments`, `queue` and `trends`.
"""

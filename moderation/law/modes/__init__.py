"""Modes for breaking news: an article, a section or a site in a mode for some hours, and what it refuses.

Which comments wait for a person says `policy`. It may import `comments` and what lies below, and no other subject.
"""

"""Sites: their keys, policies and webhooks.

It may not import `comments` or a subject.
"""

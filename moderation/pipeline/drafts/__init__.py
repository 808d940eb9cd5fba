"""Texts that are scored and not stored: what is known about them, the scoring process, and the verdict.

It may import `loading` and `comments`, and no other subject.
"""

"""Notices that a comment is illegal (Regulation (EU) 2022/2065, Article 16): giving one, a person's decision that
answers it, and the letter to whoever gave it.

May import `comments` and what is below it, and no room beside it.
"""

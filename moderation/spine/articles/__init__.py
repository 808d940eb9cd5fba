"""Articles and the authors of their comments, as the site sends them, and whether articles take comments.

It may not import `comments` or a subject.
"""

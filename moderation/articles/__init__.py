"""Articles and the authors of their comments, as the site sends them; whether articles take comments, and who watches
them.

It may not import `comments` or a subject.
"""

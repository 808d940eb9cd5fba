"""Articles, whether they take comments, their sections, and the moderators who watch them.

It may not import `comments` or a subject.
"""

"""The second readers of a site: which model reads by its rule book, at which address, and whether it counts yet.

It may not import `comments` or a subject.
"""

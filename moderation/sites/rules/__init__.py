"""The rule book: a site's house rules with their cases, in versions.

It may not import `comments` or a subject.
"""

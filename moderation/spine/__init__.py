"""A comment from its article to its last move: articles, events, comments, domains.

It may import ground, judging and sites. Subjects join a move by the door's lists; nothing here knows them.
"""

"""The spine: a comment, its scorings and decisions, and the one door through which its status changes.

It may not import a subject: the door gets what has to do with a move from whoever opens the database.
"""

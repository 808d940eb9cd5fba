"""The spine: a comment, its scorings and decisions, and the one door through which its status changes.

It may not import a subject; only the door calls what follows a move.
"""

"""A person decides: one comment or many at once, with undo; and the decisions that sites send.

It may import `queue` and `finding`, and no subject above them.
"""

"""The readings of second readers, asked for and answered: a row for each reader and version of a comment.

The rows are the outbox: a queue in Redis only hints at them. It may import `comments`, and no subject.
"""

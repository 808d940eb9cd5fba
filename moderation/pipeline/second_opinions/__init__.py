"""When a second reader is asked for its opinion of a comment, and what its answer does: hold, propose and order.

It never publishes, rejects or writes to a reader. It may import `second_readings`, `checks` and the door.
"""

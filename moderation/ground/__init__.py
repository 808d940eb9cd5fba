"""The ground that all stand on: database, queue, environment, monitoring, values, wording.

It imports no other wing.
"""

"""The names of jobs, how they are enqueued, and the addresses of Redis.

It knows no SQL and no subject.
"""

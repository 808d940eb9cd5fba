"""Facts of the machine: settings, networks, installed files, and the time that a thread used.

It may import nothing of the core but its errors.
"""

"""The addresses that a webhook may have, the signature, and one call under one deadline.

It may import nothing of the core but its errors.
"""

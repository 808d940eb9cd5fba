"""The addresses that a webhook may have, the signature, and one POST under one deadline.

It may import nothing of the core but its errors.
"""

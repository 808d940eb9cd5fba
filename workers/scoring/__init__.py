"""All models together, as scorers that read texts and return signals.

It knows no database, queue or policy.
"""

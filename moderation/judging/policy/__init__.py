"""From signals to a verdict: rules, the document, the default, and replay.

Pure arithmetic: no database, no clock.
"""

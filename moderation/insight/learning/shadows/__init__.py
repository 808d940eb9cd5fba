"""Policies in the shadow: their verdicts beside each decision, and the figures of both."""

"""Counters for Prometheus, and logs.

It may import nothing of the core.
"""

"""Duties of the law: statements of reasons, appeals, notices, the transparency report, modes.

It may import the spine and all below, and not the readers' wing.
"""

"""The way of a comment through the machine: arriving, waiting, loading, settling, rescoring, drafts.

It may import insight, readers and all below.
"""

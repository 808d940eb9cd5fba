"""The comment box for the pages of sites: its script, its texts, and the same comments without a script.

A box is a page's guest: it knows no key and shows what every reader sees. It may not import the desk or the dialects.
"""

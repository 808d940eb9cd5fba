"""Shared by all pages of the desk: routes, rendering, refusals, and the notices on every page.

It may not import a page.
"""

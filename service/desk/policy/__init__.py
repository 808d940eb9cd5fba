"""Limits and their preview, overrides, and versions of a policy."""

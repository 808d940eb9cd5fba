"""Fits weights to the decisions of a site's people."""

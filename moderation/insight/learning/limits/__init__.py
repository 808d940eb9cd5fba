"""Limits for a target: the samples that people judged, and the limits that reach a lead's target over them."""

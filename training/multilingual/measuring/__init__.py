"""Scores, calibrations and measures of the weights for other languages."""

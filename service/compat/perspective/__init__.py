"""Perspective (commentanalyzer v1alpha1), from its callers' point of view."""

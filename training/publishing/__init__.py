"""Folders of finished weights: their files, manifests, fixed scales and cards."""

"""Trains, bundles and measures the encoder for comments in other languages than English."""

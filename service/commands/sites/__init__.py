"""The commands about sites and their keys."""

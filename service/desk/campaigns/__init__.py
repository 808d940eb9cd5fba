"""Near copies by several authors, and one decision for all."""

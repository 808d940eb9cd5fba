"""A newsroom's own archive: its import, a house model learnt from it, and learning at the largest size."""

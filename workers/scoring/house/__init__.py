"""A newsroom's own model: its features, and how it is applied. Needs numpy only."""

"""An hour of a news site: its requests, its moderators, and what grows or is lost meanwhile."""

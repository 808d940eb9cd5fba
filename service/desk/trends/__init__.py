"""Charts and tables by day."""

"""The commands for other vendors' dialects and scales."""

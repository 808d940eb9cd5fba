"""The sweeper and its work of each hour, day and night."""

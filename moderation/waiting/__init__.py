"""Comments that wait: how many, for how long, and which of them the queue may have lost."""

"""Comments that wait: how many, for how long, which of them the queue may have lost, and which a Coral has yet to hear
of."""

"""Everything on one machine: the supervisor, the queue server, and `up`."""

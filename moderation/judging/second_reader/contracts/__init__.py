"""One file for each contract: the request and the reading of its answer. It may import the room above only."""

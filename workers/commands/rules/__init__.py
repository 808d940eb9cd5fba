"""The commands of the rule book: a change is tried on it, and it goes out to files and comes in from files."""

"""The only SQL. Every function takes an open connection first; the caller decides where a transaction ends."""

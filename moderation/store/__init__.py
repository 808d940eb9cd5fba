"""The only SQL. Every function takes an open connection first; who calls decides where a transaction ends."""

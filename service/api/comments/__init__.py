"""The calls about comments: to send and read them, lists, decisions, campaigns and checks."""

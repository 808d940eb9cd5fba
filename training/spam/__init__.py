"""Trains the linear model behind the signal ``spam``. See models/spam/README.md for what it reaches."""

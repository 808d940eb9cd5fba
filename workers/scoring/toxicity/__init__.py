"""The toxicity signals, and the words behind them."""

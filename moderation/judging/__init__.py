"""From a text to a verdict, without a database: text, signals, policy. It may import the ground only."""

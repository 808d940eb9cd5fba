"""The amounts that tokens add to a score, and their pulls towards a topic: fitted and measured."""

"""The amounts that tokens add to a score, and their attributions towards a topic: fitted and measured."""

"""The command ``gavel``: the commands of the web service and of the workers under one name."""

__version__ = "1.0.0"

"""How the bundled weights were made: not needed to run the service, and imported by no part of it."""

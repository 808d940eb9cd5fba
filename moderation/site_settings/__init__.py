"""The settings of one site: their types and defaults, their limits, and their form in the database."""

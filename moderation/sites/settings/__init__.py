"""One site's settings: types and defaults, limits and their checks, and the form in the database."""

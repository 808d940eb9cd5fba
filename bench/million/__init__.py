"""A database with a city's year of comments, and the server time of each call and page over it."""

"""Bodies and answers of the API, one module for each noun. Signals and reasons have the core's JSON form."""

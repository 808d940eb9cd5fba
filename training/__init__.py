"""Makes the bundled weights. The service does not need this package, and no part of it imports it."""

"""Side-by-side measurements: ratios of two things run in one go on one machine. Not tests, never timed in CI."""

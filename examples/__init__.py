"""Programs that use Gavel from outside, to read and to run."""

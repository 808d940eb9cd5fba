"""The default limits, chosen on fair samples for the whole default policy."""

"""The parts of a release and of an installation. ``python -m deploy.release`` runs in a checkout only."""

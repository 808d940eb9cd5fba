"""What a release and an installation are made of. ``python -m deploy.release`` runs in a checkout only."""

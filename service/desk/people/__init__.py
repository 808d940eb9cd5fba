"""Log-in, accounts, invitations, roles."""

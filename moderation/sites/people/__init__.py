"""The people of a site: log-in, sessions, roles, invitations and second factors."""

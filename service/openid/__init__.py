"""Logging in with an OpenID provider: discovery, the code with PKCE, keys, and the ID token's checks.

It knows no page and no database, and keeps no token. A provider may be slow, broken or hostile: each call has an
address rule, a deadline and a size.
"""

"""The newest policy of a site, parsed once per version and process."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from moderation.ground.values.policies import Policy
from moderation.judging.policy import documents
from moderation.sites import rows as sites

_newest: dict[str, Policy] = {}
"""By site. A version never changes once saved, so one that is still the newest need not be read and parsed again."""


def newest_policy(conn: Connection, site_id: str) -> Policy:
    """Raises NotFound."""
    version = sites.current_policy_version(conn, site_id)
    known = _newest.get(site_id)
    if known is None or known.version != version:
        row = sites.get_policy(conn, site_id, version)
        known = _newest[site_id] = documents.parse(row.document, row.version)
    return known

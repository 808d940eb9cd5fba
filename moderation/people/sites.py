"""Sites: each has a policy, keys and moderators of its own, and sees nothing of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from moderation.errors import NameTaken
from moderation.people.keys import NewKey, Scope, insert_key
from moderation.people.names import check_name
from moderation.people.webhooks import hooked
from moderation.policy import documents
from moderation.policy.default import default_policy
from moderation.store import sites as store
from moderation.store.database import Database
from moderation.store.sites import PolicyRow, Site


@dataclass(frozen=True, slots=True)
class NewSite:
    site: Site
    key: NewKey


def create_site(db: Database, name: str, *, now: datetime, webhook_url: str | None = None) -> NewSite:
    """A site with the default policy and a key that may do everything. Raises NameTaken and InvalidInput."""
    check_name(name)
    settings = hooked({}, webhook_url) if webhook_url else {}
    document = documents.dump(default_policy())
    try:
        with db.write() as conn:
            site = store.insert_site(conn, name=name, settings=settings, now=now)
            store.insert_policy(conn, site.id, PolicyRow(1, document, "The default", "Gavel", now))
            key = insert_key(conn, site.id, name="first key", scopes=Scope, now=now)
    except IntegrityError as e:
        raise NameTaken("site", name) from e
    return NewSite(site, key)

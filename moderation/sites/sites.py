"""Sites. Each has its own policy, settings, keys and moderators, and sees nothing of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.declaring import SettingUnit
from moderation.ground.errors import FieldProblem, InvalidInput, NameTaken
from moderation.ground.webhooks import addresses
from moderation.ground.webhooks.signing import new_secret
from moderation.judging.policy import documents
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.settings import LanguageTrust
from moderation.sites import rows as store
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.keys import OF_SITES, NewKey, insert_key
from moderation.sites.names import check_name
from moderation.sites.rows import PolicyRow, Site
from moderation.sites.settings import problems, showing
from moderation.sites.settings.values import DECLARED, SiteSettings


@dataclass(frozen=True, slots=True)
class NewSite:
    site: Site
    key: NewKey


def create_site(
    db: Database,
    name: str,
    *,
    by: Actor,
    now: datetime,
    webhook_url: str | None = None,
    private_webhooks: bool = False,
) -> NewSite:
    """A site with the default policy and a key that may do everything. Raises NameTaken and InvalidInput."""
    check_name(name)
    settings = _with(SiteSettings(), private_webhooks, webhook_url=webhook_url)
    document = documents.dump(default_policy())
    try:
        with db.write() as conn:
            site = store.insert_site(conn, name=name, settings=settings, now=now)
            store.insert_policy(conn, site.id, PolicyRow(1, document, "The default", "Gavel", now))
            _, given = showing.differences(SiteSettings(), settings)
            note(conn, by, "site.created", site_id=site.id, subject=name, after=given, now=now)
            key = insert_key(conn, site.id, name="first key", scopes=OF_SITES, by=by, now=now)
    except IntegrityError as e:
        raise NameTaken("site", name) from e
    return NewSite(site, key)


def change_settings(
    db: Database, site_id: str, *, by: Actor, now: datetime, private_webhooks: bool = False, **changes: Any
) -> Site:
    """Sets the named fields of the site's settings; the others stay. The audit trail gets the fields that differ.

    The first webhook brings the secret that signs deliveries. Raises InvalidInput, which names fields, and NotFound.
    """
    if renewable := [name for name in changes if name in DECLARED and DECLARED[name].setting.is_made]:
        raise InvalidInput(*(FieldProblem(name, "is made by Gavel and can only be renewed") for name in renewable))
    return _change(db, site_id, lambda settings: _with(settings, private_webhooks, **changes), by, now)


def trust_language(
    db: Database, site_id: str, language: str, trust: LanguageTrust, *, by: Actor, now: datetime
) -> Site:
    """Sets how far the site trusts the scores in one language; the others stay. It holds from the next scored comment
    on. Raises InvalidInput for a code that names no language, and NotFound."""

    def change(settings: SiteSettings) -> SiteSettings:
        trusted, held = (
            tuple(code for code in codes if code != language) + ((language,) if trust is chosen else ())
            for codes, chosen in (
                (settings.trusted_languages, LanguageTrust.TRUSTED),
                (settings.held_languages, LanguageTrust.HELD),
            )
        )
        return _with(settings, False, trusted_languages=trusted, held_languages=held)

    return _change(db, site_id, change, by, now)


def renew_secret(db: Database, site_id: str, *, overlap: timedelta, by: Actor, now: datetime) -> Site:
    """Replaces the secret that signs deliveries. The old one signs them too for another ``overlap``, so that the site
    may change to the new one at any moment in between. Raises NotFound."""

    def renewed(settings: SiteSettings) -> SiteSettings:
        return settings.with_secret(new_secret(), former_until=now + overlap if overlap else None)

    return _change(db, site_id, renewed, by, now)


def _change(
    db: Database, site_id: str, change: Callable[[SiteSettings], SiteSettings], by: Actor, now: datetime
) -> Site:
    with db.write() as conn:
        site = store.lock_site(conn, site_id)
        settings = change(site.settings)
        before, after = showing.differences(site.settings, settings)
        if after:
            store.update_site_settings(conn, site_id, settings)
            note(conn, by, "site.settings", site_id=site_id, subject=site.name, before=before, after=after, now=now)
        if settings.webhook_url != site.settings.webhook_url:
            webhook_failures.note(conn, site_id, None, now=now)  # of the address before
    return replace(site, settings=settings)


def _with(settings: SiteSettings, private_webhooks: bool, /, **changes: Any) -> SiteSettings:
    if "rejection_reasons" in changes and "reason_details" not in changes:  # one that goes takes its description along
        kept = {name: said for name, said in settings.reason_details.items() if name in changes["rejection_reasons"]}
        changes["reason_details"] = kept
    changed = settings.changed(**changes)
    problems.check(changed)
    for name in (name for name, declared in DECLARED.items() if declared.setting.unit is SettingUnit.ADDRESS):
        url = getattr(changed, name)
        is_moved = url not in (None, getattr(settings, name))  # an old one does not stop other changes
        if is_moved and not private_webhooks and (why := addresses.refusal(url)):
            raise InvalidInput(FieldProblem(name, why))
    if changed.webhook_url is not None and changed.webhook_secret is None:
        return changed.changed(webhook_secret=new_secret())
    return changed

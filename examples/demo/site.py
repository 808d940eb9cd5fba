"""The demo's site, key and moderator: made on the first start, found again in ``demo.json`` on the next ones."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import NameTaken, SettingsError
from moderation.operations.composition import open_database
from moderation.sites import keys, reader_secret_rows, reader_secrets, sites
from moderation.sites import rows as store
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.reader_secrets import NewReaderSecret
from service.passwords import hash_password

SITE_NAME = "The Northgate Courier"
FILE_NAME = "demo.json"


@dataclass(frozen=True, slots=True)
class DemoSite:
    site_id: str
    api_key: str = field(repr=False)
    email: str
    password: str = field(repr=False)
    reader_kid: str
    reader_secret: str = field(repr=False)


def find_or_create(db: Database, home: Path) -> DemoSite:
    """The site of the last start if its file and key are still valid, else a new key and login for the same site."""
    known = _read(home / FILE_NAME)
    if known is not None and _key_opens(db, known):
        return known
    now = datetime.now(UTC)
    with db.read() as conn:
        site = store.find_site(conn, SITE_NAME)
    if site is None:
        created = sites.create_site(db, SITE_NAME, by=SYSTEM, now=now)
        site_id, token = created.site.id, created.key.token
    else:
        site_id = site.id
        token = keys.create_key(db, site_id, name="demo", scopes=keys.OF_SITES, by=SYSTEM, now=now).token
    email, password = _create_moderator(db, site_id)
    signing = _create_reader_secret(db, site_id, now)
    return DemoSite(site_id, token, email, password, signing.id, signing.secret)


def refuse_a_newsrooms(home: Path) -> None:
    """Raises SettingsError when the database in the folder holds sites and the demo's is not among them."""
    url = Settings(gavel_home=home).resolved_database_url
    if not (home / "gavel.db").exists():
        return
    db = open_database(url, pool_size=1)
    try:
        with db.read() as conn:
            names = [site.name for site in store.all_sites(conn)] if sa.inspect(conn).has_table("sites") else []
    finally:
        db.close()
    if names and SITE_NAME not in names:
        raise SettingsError(
            f"GAVEL_HOME: {home} has the database of {', '.join(names[:3])}: give the demo another folder, "
            "or say --use-my-database"
        )


def write(home: Path, demo: DemoSite, *, base_url: str, newsroom_url: str) -> Path:
    """Writes ``demo.json``, readable only by its owner; the file appears whole or not at all."""
    document = {
        "base_url": base_url,
        "site_id": demo.site_id,
        "api_key": demo.api_key,
        "moderator": {"email": demo.email, "password": demo.password},
        "reader_secret": {"kid": demo.reader_kid, "secret": demo.reader_secret},
        "newsroom_url": newsroom_url,
    }
    path = home / FILE_NAME
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    part.replace(path)
    return path


def _read(path: Path) -> DemoSite | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
        moderator, signing = kept["moderator"], kept["reader_secret"]
        login = moderator["email"], moderator["password"]
        return DemoSite(kept["site_id"], kept["api_key"], *login, signing["kid"], signing["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # missing or damaged: write another one


def _key_opens(db: Database, known: DemoSite) -> bool:
    with db.read() as conn:
        key = store.find_key(conn, keys.digest_of(known.api_key), datetime.now(UTC))
        moderator = store.find_moderator(conn, email=known.email)
    opens_all = key is not None and key.site_id == known.site_id and key.scopes >= set(keys.OF_SITES)
    return opens_all and moderator is not None


def _create_reader_secret(db: Database, site_id: str, now: datetime) -> NewReaderSecret:
    """In place of those whose secret is lost: a site has at most two."""
    with db.read() as conn:
        old = [secret.id for secret in reader_secret_rows.of_site(conn, site_id)]
    for secret_id in old:
        reader_secrets.revoke(db, secret_id, by=SYSTEM, now=now)
    return reader_secrets.create(db, site_id, by=SYSTEM, now=now)


def _create_moderator(db: Database, site_id: str) -> tuple[str, str]:
    """Uses the first free address, because a lost password cannot be read back."""
    password = secrets.token_urlsafe(12)
    for number in count(1):
        email = f"moderator{'' if number == 1 else number}@courier.example"
        try:
            moderators.create_moderator(
                db,
                email=email,
                name="Demo moderator",
                password_hash=hash_password(password),
                roles={site_id: Role.ADMIN},
                by=SYSTEM,
                now=datetime.now(UTC),
            )
        except NameTaken:
            continue
        return email, password
    raise AssertionError("numbers do not end")

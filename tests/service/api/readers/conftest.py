"""Dana reads site A. Its server signs her, as any library for JSON Web Tokens does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites import reader_secrets
from moderation.sites.reader_secrets import NewReaderSecret
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

ORIGIN = "https://news.example"
Sign = Callable[..., str]


@pytest.fixture(autouse=True)
def described(api: Caller) -> None:
    """An article, and the origin of the site's pages."""
    api.put("/v1/articles/a-1", {"title": "Ferry to run all winter"})
    api.put("/v1/site/origins", {"origins": [ORIGIN]})


@pytest.fixture
def secret(database: Database, site: NewSite) -> NewReaderSecret:
    return reader_secrets.create(database, site.site.id, by=OPERATOR, now=utc_now())


@pytest.fixture
def sign(secret: NewReaderSecret, site: NewSite) -> Sign:
    """Makes a token that is valid by default. A claim or header of None is left out."""

    def made(key: str = secret.secret, algorithm: str = "HS256", kid: str | None = secret.id, **claims: Any) -> str:
        said: dict[str, Any] = {
            "sub": "dana",
            "name": "Dana",
            "aud": site.site.id,
            "exp": utc_now() + timedelta(minutes=10),
            **claims,
        }
        named = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(named, key, algorithm=algorithm, headers={"kid": kid} if kid else None)

    return made


@pytest.fixture
def dana(client: FlaskClient, sign: Sign) -> Caller:
    return Caller(client, sign())


@pytest.fixture
def eve(client: FlaskClient, sign: Sign) -> Caller:
    """Another reader of the same site."""
    return Caller(client, sign(sub="eve", name="Eve"))


@pytest.fixture
def publish(api: Caller, database: Database, site: NewSite) -> Callable[..., None]:
    """Has a comment by somebody published, or decided as ``action`` says."""

    def done(id: str, action: Action = Action.PUBLISH, **fields: Any) -> None:
        if "text" in fields or "author" in fields:
            api.post("/v1/comments", a_body(id=id, **fields))
        settle(database, site.site.id, id, action)

    return done

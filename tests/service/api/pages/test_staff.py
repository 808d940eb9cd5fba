"""A reader whom the site signed as its staff has a badge on pages."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.sites import reader_secrets
from moderation.sites.reader_secrets import NewReaderSecret
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.pages.conftest import ORIGIN, Reading
from tests.service.bodies import settle


@pytest.fixture
def secret(database: Database, reading: Reading) -> NewReaderSecret:
    return reader_secrets.create(database, reading.site_id, by=OPERATOR, now=utc_now())


def post(client: FlaskClient, reading: Reading, secret: NewReaderSecret, **claims: object) -> bool:
    """Whether the comment has the badge once it is published."""
    said = {"sub": "dana", "name": "Dana", "aud": reading.site_id, "exp": utc_now() + timedelta(minutes=5), **claims}
    given = {name: value for name, value in said.items() if value is not None}
    token = jwt.encode(given, secret.secret, algorithm="HS256", headers={"kid": secret.id})
    headers = {"Authorization": f"Bearer {token}", "Origin": ORIGIN}
    answer = client.post("/v1/reader/comments", json={"article_id": "a-1", "text": "We asked again."}, headers=headers)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    settle(reading.database, reading.site_id, answer.json["id"])
    badge: bool = reading.page()["comments"][0]["author"]["staff"]
    return badge


@ON_BOTH
def test_the_tokens_staff_have_a_badge_until_a_token_says_otherwise(
    client: FlaskClient, reading: Reading, secret: NewReaderSecret
) -> None:
    assert post(client, reading, secret, staff=True) is True
    reading.publish("c-1", author={"id": "dana"})  # by the site's server, which says nothing of it
    assert reading.page()["comments"][0]["author"]["staff"] is True
    assert post(client, reading, secret) is True  # nor does a token
    assert post(client, reading, secret, staff=False) is False


def test_a_reader_is_no_staff_by_default(client: FlaskClient, reading: Reading, secret: NewReaderSecret) -> None:
    assert post(client, reading, secret) is False


def test_corals_roles_say_so_too_and_a_token_without_one_says_nothing(
    client: FlaskClient, reading: Reading, secret: NewReaderSecret
) -> None:
    roles = ("ADMIN", None, "COMMENTER", None)
    users = [{"id": "dana", "username": "Dana", "role": role} for role in roles]

    assert [post(client, reading, secret, sub=None, user=user) for user in users] == [True, True, False, False]

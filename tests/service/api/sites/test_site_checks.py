"""How much a site checks at random, and its wishes, read and set by API."""

from __future__ import annotations

import pytest

from moderation.ground.database.engine import Database
from moderation.sites import rows as sites
from moderation.sites.sites import NewSite
from tests.service.bodies import CHECKS, problem_fields
from tests.service.conftest import Caller

PATH = "/v1/site/checks"


def test_a_new_site_has_the_defaults(api: Caller) -> None:
    assert api.get(PATH).json == CHECKS


def test_a_site_sets_them(api: Caller, database: Database, site: NewSite) -> None:
    body = {**CHECKS, "check_share": 0.2, "most_wrong_rejected": 0.05, "read_per_day": 50}

    response = api.put(PATH, body)

    assert (response.status_code, response.json, api.get(PATH).json) == (200, body, body)
    with database.read() as conn:
        assert sites.get_site(conn, site.site.id).settings.read_per_day == 50


@pytest.mark.parametrize(
    ("field", "value"),
    [("check_share", 0.26), ("check_share", "1%"), ("check_most_per_day", 1.5), ("check_most_per_day", -1),
     ("most_wrong_published", 0), ("most_wrong_rejected", 0.6), ("read_per_day", 0)],
)  # fmt: skip
def test_the_refusal_names_the_field_and_changes_nothing(api: Caller, field: str, value: object) -> None:
    response = api.put(PATH, {**CHECKS, field: value})

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]
    assert api.get(PATH).json == CHECKS

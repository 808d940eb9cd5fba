"""How far a site trusts the scores by language, read and set by API."""

from __future__ import annotations

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.policies import SiteLanguages
from moderation.sites import rows as sites
from moderation.sites.sites import NewSite
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

PATH = "/v1/site/languages"
NONE: dict[str, object] = {"trusted_languages": [], "held_languages": []}


def test_a_new_site_leaves_every_language_to_its_measured_standing(api: Caller) -> None:
    assert api.get(PATH).json == NONE


def test_a_site_trusts_one_language_and_holds_another(api: Caller, database: Database, site: NewSite) -> None:
    body = {"trusted_languages": ["fr", "it"], "held_languages": ["tr"]}

    response = api.put(PATH, body)

    assert (response.status_code, response.json, api.get(PATH).json) == (200, body, body)
    with database.read() as conn:
        settings = sites.get_site(conn, site.site.id).settings
    assert settings.languages == SiteLanguages(frozenset({"fr", "it"}), frozenset({"tr"}))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**NONE, "trusted_languages": ["French"]}, "trusted_languages"),
        ({**NONE, "trusted_languages": ["xx"]}, "trusted_languages"),
        ({**NONE, "held_languages": ["tr", "tr"]}, "held_languages"),
        ({"trusted_languages": ["tr"], "held_languages": ["tr"]}, "held_languages"),
        ({"trusted_languages": ["tr"]}, "held_languages"),
        ({**NONE, "held_languages": "tr"}, "held_languages"),
    ],
)
def test_the_refusal_of_languages_names_their_field_and_changes_nothing(
    api: Caller, body: dict[str, object], field: str
) -> None:
    response = api.put(PATH, body)

    assert response.status_code == 422
    assert problem_fields(response.json)[0].startswith(field)
    assert api.get(PATH).json == NONE

"""``/v1/site/settings``: all settings that are the same for every caller, each as it is declared."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.sites import rows as sites
from moderation.sites.settings.values import DECLARED, SiteSettings
from moderation.sites.sites import NewSite
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

PATH = "/v1/site/settings"
CLOSED = {
    "webhook_secret", "former_webhook_secret", "coral_url", "coral_token", "coral_signing_secret",
    "reason_details", "author_ladder", "perspective_score_maps",
}  # fmt: skip


def in_force(api: Caller) -> dict[str, Any]:
    return dict(api.get(PATH).get_json())


def test_all_are_read_but_secrets_and_those_with_parts(api: Caller) -> None:
    body = in_force(api)

    assert set(body) == DECLARED.keys() - CLOSED
    assert body["check_share"] == SiteSettings().check_share
    assert body["held_languages"] == []
    assert body["when_scoring_is_down"] == "hold"


def test_the_named_ones_change_and_the_others_stay(api: Caller, database: Database, site: NewSite) -> None:
    before = in_force(api)
    body = {"akismet_counts_toxicity": True, "held_languages": ["tr"], "when_scoring_is_down": "rules_only"}

    response = api.patch(PATH, body)

    assert response.status_code == 200
    assert response.get_json() == in_force(api) == {**before, **body}
    with database.read() as conn:
        assert sites.get_site(conn, site.site.id).settings.akismet_counts_toxicity is True


def test_a_null_takes_a_limit_away(api: Caller) -> None:
    api.patch(PATH, {"patience_s": 90})

    response = api.patch(PATH, {"patience_s": None})

    assert response.status_code == 200
    assert in_force(api)["patience_s"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"read_per_day": 0}, "read_per_day"),
        ({"read_per_day": None}, "read_per_day"),
        ({"check_share": 0.26}, "check_share"),
        ({"hide_noticed": "yes"}, "hide_noticed"),
        ({"hide_noticed": True}, "hide_noticed"),
        ({"appeal_contact": "https://evil.example"}, "appeal_contact"),
        ({"objection_days": 1}, "appeal_days"),
        ({"open_appeals_per_site": 0}, "open_appeals_per_site"),
        ({"when_scoring_is_down": "panic"}, "when_scoring_is_down"),
        ({"held_languages": ["xx"]}, "held_languages"),
        ({"coral_token": "secret"}, "coral_token"),
        ({"colour": "red"}, "colour"),
        ({"webhook_url": "http://127.0.0.1/hook"}, "webhook_url"),
    ],
)
def test_the_refusal_names_the_field_and_changes_nothing(api: Caller, body: dict[str, Any], field: str) -> None:
    before = in_force(api)

    response = api.patch(PATH, {"akismet_counts_toxicity": True, **body})

    assert response.status_code == 422
    assert [name.split(".")[0] for name in problem_fields(response.get_json())] == [field]
    assert in_force(api) == before


def test_what_was_read_may_be_sent_back_whole(api: Caller) -> None:
    before = in_force(api)

    response = api.patch(PATH, {**before, "akismet_counts_toxicity": True})

    assert response.status_code == 200
    assert in_force(api) == {**before, "akismet_counts_toxicity": True}


@pytest.mark.parametrize(
    ("former", "name", "value"),
    [
        ("objection_days", "appeal_days", 183),
        ("labels_days", "keep_labels_days", 30),
        ("rejected_days", "keep_rejected_days", 40),
    ],
)
def test_a_former_name_is_accepted_and_answered_with_the_new_one(
    api: Caller, former: str, name: str, value: object
) -> None:
    before = in_force(api)

    response = api.patch(PATH, {former: value})

    assert response.status_code == 200
    assert response.get_json() == in_force(api) == {**before, name: value}


def test_a_value_out_of_bounds_under_a_former_name_is_refused(api: Caller) -> None:
    before = in_force(api)

    response = api.patch(PATH, {"objection_days": 0})

    assert response.status_code == 422
    assert problem_fields(response.get_json()) == ["objection_days"]
    assert in_force(api) == before

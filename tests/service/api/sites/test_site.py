"""The site's own settings by API."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.wording.sentences import LANGUAGES
from moderation.moderators.finding import audit_trail
from moderation.sites.audit import rows as audit_entries
from moderation.sites.settings import grounds
from moderation.sites.settings.rejection_reasons import DEFAULT_REASONS
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.service.bodies import KEPT_DAYS, problem_fields
from tests.service.conftest import Caller
from workers.sweeping.daily_retention import DailyRetention

HOOK = "https://news.example/hooks/gavel"


def test_a_new_site_has_no_webhook(api: Caller, site: NewSite) -> None:
    assert api.get("/v1/site").json == {
        "id": site.site.id,
        "name": "Site A",
        "webhook_url": None,
        "webhook_secret": None,
        "former_webhook_secret_until": None,
        "webhook_last_error": None,
        "webhook_last_error_at": None,
    }


def test_a_webhook_brings_its_secret_and_keeps_it(api: Caller) -> None:
    first = api.put("/v1/site", {"webhook_url": HOOK}).json
    moved = api.put("/v1/site", {"webhook_url": f"{HOOK}/2"}).json
    cleared = api.put("/v1/site", {"webhook_url": None}).json
    again = api.put("/v1/site", {"webhook_url": HOOK}).json

    assert first is not None
    assert moved is not None
    assert cleared is not None
    prefix, key = first["webhook_secret"].split("_", 1)
    assert prefix == "whsec"
    assert len(base64.b64decode(key, validate=True)) == 32
    assert moved["webhook_secret"] == first["webhook_secret"]
    assert moved["webhook_url"] == f"{HOOK}/2"
    assert cleared["webhook_url"] is None
    assert again == first
    assert api.get("/v1/site").json == first


def test_a_secret_can_be_renewed(api: Caller) -> None:
    first = api.put("/v1/site", {"webhook_url": HOOK}).json

    renewed = api.post("/v1/site/webhook-secret").json

    assert first is not None
    assert renewed is not None
    assert renewed["webhook_secret"] != first["webhook_secret"]
    assert renewed["webhook_url"] == HOOK
    assert first["former_webhook_secret_until"] is None
    left = datetime.fromisoformat(renewed["former_webhook_secret_until"]) - utc_now()
    assert timedelta(hours=23, minutes=50) < left <= timedelta(hours=24)


def test_a_secret_that_leaked_is_renewed_without_an_overlap(api: Caller) -> None:
    api.put("/v1/site", {"webhook_url": HOOK})

    renewed = api.post("/v1/site/webhook-secret?overlap_hours=0").json

    assert renewed is not None
    assert renewed["former_webhook_secret_until"] is None


@pytest.mark.parametrize("hours", ["-1", "2161", "x", "nan"])
def test_an_overlap_out_of_its_bounds_is_refused_and_renews_nothing(api: Caller, hours: str) -> None:
    first = api.put("/v1/site", {"webhook_url": HOOK}).json

    response = api.post(f"/v1/site/webhook-secret?overlap_hours={hours}")

    assert (response.status_code, problem_fields(response.json)) == (422, ["overlap_hours"])
    assert api.get("/v1/site").json == first


@pytest.mark.parametrize(
    "url",
    ["", "news.example", "ftp://news.example/", "https://", "https://u:p@news.example/", "https://news.example/#x",
     "https://news.example:99999/", "https://[::1", "https://news.example/" + "x" * 2_000, "https://news example/",
     "https://news.example/\n", 7],
)  # fmt: skip
def test_a_webhook_that_cannot_be_called_is_refused(api: Caller, url: object) -> None:
    response = api.put("/v1/site", {"webhook_url": url})

    assert response.status_code == 422
    assert problem_fields(response.json) == ["webhook_url"]
    assert api.get("/v1/site").json["webhook_url"] is None  # type: ignore[index]


def test_the_failure_policy_is_set_and_recorded(api: Caller, database: Database, site: NewSite) -> None:
    before = api.get("/v1/site/failure-policy").json
    put = api.put("/v1/site/failure-policy", {"patience_s": 600, "when_down": "rules_only"}).json
    api.put("/v1/site/failure-policy", put)  # nothing changes, so nothing is noted

    assert before == {"patience_s": None, "when_down": "hold"}
    assert put == api.get("/v1/site/failure-policy").json == {"patience_s": 600, "when_down": "rules_only"}
    (noted,) = noted_in(database, site)
    assert noted.before == {"patience_s": None, "when_scoring_is_down": "hold"}
    assert noted.after == {"patience_s": 600, "when_scoring_is_down": "rules_only"}
    assert audit_trail.actor_in_words(noted) == f"key “first key” ({site.key.id})"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"patience_s": 9.99}, "patience_s"), ({"patience_s": 7 * 86_400 + 1}, "patience_s"),
     ({"patience_s": "600"}, "patience_s"), ({"patience_s": True}, "patience_s"), ({"when_down": "guess"}, "when_down"),
     ({"when_down": None}, "when_down"), ({"patience": 600}, "patience")],
)  # fmt: skip
def test_a_failure_policy_that_makes_no_sense_is_refused_by_its_field(
    api: Caller, database: Database, site: NewSite, change: dict[str, object], field: str
) -> None:
    response = api.put("/v1/site/failure-policy", {"patience_s": 600, "when_down": "hold", **change})

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]
    assert api.get("/v1/site/failure-policy").json == {"patience_s": None, "when_down": "hold"}
    assert noted_in(database, site) == []


@pytest.mark.parametrize("patience_s", [10, 10.5, 7 * 86_400, None])
def test_patience_at_its_bounds_is_taken(api: Caller, patience_s: float | None) -> None:
    assert api.put("/v1/site/failure-policy", {"patience_s": patience_s, "when_down": "hold"}).status_code == 200


def test_how_long_comments_are_kept_is_set_and_noted(api: Caller, database: Database, site: NewSite) -> None:
    days = {"keep_published_days": None, "keep_rejected_days": 90, "keep_withdrawn_days": 7}

    before = days_in_force(api)
    api.put("/v1/site/retention", days)
    api.put("/v1/site/retention", days)

    assert before == {
        **dict.fromkeys((*KEPT_DAYS, "keep_withdrawn_text_days")),
        "keep_labels_days": 365,
        "keep_notices_days": 183,
    }
    assert days_in_force(api) == {
        **days,
        "keep_withdrawn_text_days": None,
        "keep_labels_days": 365,
        "keep_notices_days": 183,
    }
    (noted,) = noted_in(database, site)
    assert noted.before == {"keep_rejected_days": None, "keep_withdrawn_days": None}
    assert noted.after == {"keep_rejected_days": 90, "keep_withdrawn_days": 7}
    assert api.get("/v1/site/failure-policy").json == {"patience_s": None, "when_down": "hold"}


def days_in_force(api: Caller) -> dict[str, object]:
    found = api.get("/v1/site/retention").json
    assert found is not None
    return {name: value for name, value in found.items() if name.startswith("keep_")}


def test_the_former_names_of_the_days_are_taken_sent_and_named_in_errors(api: Caller) -> None:
    days = {
        "published_days": None,
        "rejected_days": 90,
        "withdrawn_days": 7,
        "withdrawn_text_days": 6,
        "labels_days": 9,
    }

    put = api.put("/v1/site/retention", days)
    refused = api.put("/v1/site/retention", {**days, "withdrawn_text_days": 8})
    senseless = api.put("/v1/site/retention", {**days, "rejected_days": 0})

    assert put.status_code == 200
    assert days_in_force(api) == {f"keep_{name}": value for name, value in days.items()} | {"keep_notices_days": 183}
    assert {name: value for name, value in put.json.items() if name in days} == days  # type: ignore[union-attr]
    assert problem_fields(refused.json) == ["withdrawn_text_days"]
    assert problem_fields(senseless.json) == ["rejected_days"]


def test_the_days_of_withdrawn_texts_stay_where_they_are_left_out(
    api: Caller, database: Database, site: NewSite
) -> None:
    api.put("/v1/site/retention", {**dict.fromkeys(KEPT_DAYS), "keep_withdrawn_text_days": 7})
    api.put("/v1/site/retention", {**dict.fromkeys(KEPT_DAYS), "keep_rejected_days": 30})
    kept = days_in_force(api)
    api.put("/v1/site/retention", {**dict.fromkeys(KEPT_DAYS), "keep_withdrawn_text_days": None})

    assert kept == {
        **dict.fromkeys(KEPT_DAYS),
        "keep_rejected_days": 30,
        "keep_withdrawn_text_days": 7,
        "keep_labels_days": 365,
        "keep_notices_days": 183,
    }
    assert days_in_force(api)["keep_withdrawn_text_days"] is None
    assert noted_in(database, site)[-1].after == {"keep_withdrawn_text_days": 7}


@pytest.mark.parametrize("text_days", [7, 8])
def test_days_of_texts_that_would_have_no_effect_are_refused_by_the_name_that_was_sent(
    api: Caller, text_days: int
) -> None:
    days = {**dict.fromkeys(KEPT_DAYS), "keep_withdrawn_days": 7}

    response = api.put("/v1/site/retention", {**days, "keep_withdrawn_text_days": text_days})

    assert response.status_code == 422
    assert problem_fields(response.json) == ["keep_withdrawn_text_days"]
    assert api.put("/v1/site/retention", {**days, "keep_withdrawn_text_days": 6}).status_code == 200


def test_retention_says_when_it_ran_and_runs_next(api: Caller, database: Database) -> None:
    def told(name: str) -> datetime | None:
        at = api.get("/v1/site/retention").json[name]  # type: ignore[index]
        return datetime.fromisoformat(at) if at else None

    never, due = told("last_run_at"), told("next_run_at")
    began = utc_now()
    DailyRetention(database, "sweeper", hour=3).step()
    last, following = told("last_run_at"), told("next_run_at")

    assert never is None
    assert due is not None
    assert last is not None
    assert due <= began <= last
    assert following == due + timedelta(days=1)


@pytest.mark.parametrize("name", KEPT_DAYS)
@pytest.mark.parametrize("days", [0, -1, 36_501, 1.5, "7", True])
def test_days_that_make_no_sense_are_refused_by_their_field(api: Caller, name: str, days: object) -> None:
    response = api.put("/v1/site/retention", {**dict.fromkeys(KEPT_DAYS), name: days})

    assert response.status_code == 422
    assert problem_fields(response.json) == [name]


def test_days_left_out_are_not_taken_for_always(api: Caller) -> None:
    response = api.put("/v1/site/retention", {"keep_published_days": 30})

    assert sorted(problem_fields(response.json)) == ["keep_rejected_days", "keep_withdrawn_days"]


LAW = {
    "kind": "law",
    "provision": "§ 185 StGB",
    "texts": {"de": "Die Äußerung ist eine Beleidigung.", "en": "The remark is an insult."},
    "category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "keywords": ["KEYWORD_DEFAMATION"],
}
WRONG_GROUNDS: tuple[tuple[dict[str, object], str], ...] = (
    ({"kind": "custom"}, "reasons[0].ground.kind"),
    ({"provision": None}, "reasons[0].ground.provision"),
    ({"provision": "§" * 501}, "reasons[0].ground.provision"),
    ({"kind": "house_rule"}, "reasons[0].ground.provision"),
    ({"texts": {}}, "reasons[0].ground.texts"),
    ({"texts": {"en": "x" * 1_501}}, "reasons[0].ground.texts.en"),
    ({"texts": {"xx": "Rude."}}, "reason_details"),
    ({"texts": {"en": " Rude."}}, "reason_details"),
    ({"category": "STATEMENT_CATEGORY_RUDENESS"}, "reasons[0].ground.category"),
    ({"keywords": ["KEYWORD_RUDENESS"]}, "reasons[0].ground.keywords"),
    ({"keywords": ["KEYWORD_HATE_SPEECH"] * 11}, "reasons[0].ground.keywords"),
)


def test_the_reasons_of_rejections_are_set_noted_and_taken_back(api: Caller, database: Database, site: NewSite) -> None:
    mine = ["Rude", "Advertising: links", "Off topic"]

    before = api.get("/v1/site/rejection-reasons").json
    put = api.put("/v1/site/rejection-reasons", {"rejection_reasons": mine}).json
    read = api.get("/v1/site/rejection-reasons").json
    (noted,) = noted_in(database, site)
    back = api.put("/v1/site/rejection-reasons", {"rejection_reasons": None}).json

    assert before is not None and put is not None
    described = [reason.pop("name") for reason in before["reasons"]]
    assert (before["rejection_reasons"], before["are_default"]) == (list(DEFAULT_REASONS), True)
    assert described == list(DEFAULT_REASONS)
    assert before["reasons"][0]["wordings"]["de"] == "Beleidigung"
    assert [reason["counts_against_author"] for reason in before["reasons"]] == [True, True, True, False, True, False]
    assert {(reason["ground"]["kind"], *reason["ground"]["texts"]) for reason in before["reasons"]} == {
        ("house_rule", *LANGUAGES)
    }
    assert back is not None and (back["rejection_reasons"], back["are_default"]) == (list(DEFAULT_REASONS), True)
    assert put == read
    assert (put["rejection_reasons"], put["are_default"]) == (mine, False)
    assert (
        put["reasons"][0]["ground"]["texts"]["en"]
        == "Our rules for discussions do not allow comments of this kind: Rude."
    )
    assert put["reasons"][0] | {"ground": None} == {
        "name": "Rude",
        "wordings": {},
        "counts_against_author": False,
        "messages": {},
        "ground": None,
    }
    assert noted.before == {"rejection_reasons": list(DEFAULT_REASONS)}
    assert noted.after == {"rejection_reasons": mine}


@pytest.mark.parametrize(
    "reasons",
    [[], ["x"] * 7, [str(n) for n in range(61)], ["Rude", "rude"], [""], ["x" * 51], [" Rude"], ["Ru\u200bde"],
     ["a\nb"], [1], "Rude", [None]],
)  # fmt: skip
def test_reasons_that_make_no_buttons_are_refused_by_their_field(api: Caller, reasons: object) -> None:
    response = api.put("/v1/site/rejection-reasons", {"rejection_reasons": reasons})

    assert response.status_code == 422
    assert {re.split(r"\W", field)[0] for field in problem_fields(response.json)} == {"rejection_reasons"}
    assert api.get("/v1/site/rejection-reasons").json["are_default"] is True  # type: ignore[index]


def test_reasons_are_described_and_a_plain_list_keeps_what_was_said_of_those_that_stay(
    api: Caller, database: Database, site: NewSite
) -> None:
    rude = {"name": "Rude", "wordings": {"de": "Grob"}, "counts_against_author": True, "messages": {"en": "Be kind."}}
    dull: dict[str, object] = {"name": "Dull", "wordings": {}, "counts_against_author": False, "messages": {}}
    rude |= {"ground": LAW}
    dull |= {"ground": {**LAW, "kind": "house_rule", "provision": None, "texts": {"nl": "Wees niet saai."}}}

    put = api.put("/v1/site/rejection-reasons", {"reasons": [rude, dull]}).json
    kept = api.put("/v1/site/rejection-reasons", {"rejection_reasons": ["Off topic", "Rude"]}).json
    gone = api.put("/v1/site/rejection-reasons", {"rejection_reasons": ["Dull"]}).json

    assert put is not None and put["reasons"] == [rude, dull]
    assert kept is not None and kept["reasons"][1] == rude
    assert gone is not None and gone["reasons"][0]["name"] == "Dull"
    assert (
        gone["reasons"][0]["ground"]["texts"] == grounds.shipped("Dull", lambda _language: "Dull").texts
    )  # nothing is left of what was said
    assert len(noted_in(database, site)) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reasons"),
        ({"reasons": [{"name": "Rude"}], "rejection_reasons": ["Rude"]}, "reasons"),
        ({"reasons": [{"name": "Rude"}, {"name": "rude"}]}, "rejection_reasons"),
        ({"reasons": [{"name": "Rude", "wordings": {"xx": "Grob"}}]}, "reason_details"),
        ({"reasons": [{"name": "Rude", "wordings": {"de": "x" * 81}}]}, "reasons[0].wordings.de"),
        ({"reasons": [{"name": "Rude", "messages": {"en": "{verb}"}}]}, "reason_details"),
        ({"reasons": [{"name": "Rude", "messages": {"en": "Be kind {"}}]}, "reason_details"),
        ({"reasons": [{"name": "Rude", "counts_against_author": "yes"}]}, "reasons[0].counts_against_author"),
        ({"reasons": [{"name": "Rude", "weight": 3}]}, "reasons[0].weight"),
        *(({"reasons": [{"name": "Rude", "ground": {**LAW, **wrong}}]}, field) for wrong, field in WRONG_GROUNDS),
    ],
)
def test_a_description_that_makes_no_sense_is_refused_by_its_field(
    api: Caller, body: dict[str, object], field: str
) -> None:
    response = api.put("/v1/site/rejection-reasons", body)

    assert (response.status_code, problem_fields(response.json)) == (422, [field])
    assert api.get("/v1/site/rejection-reasons").json["are_default"] is True  # type: ignore[index]


def test_the_ladder_is_set_read_refused_by_its_field_and_taken_away(api: Caller) -> None:
    steps = [{"measure": "hold", "days": 7}, {"measure": "ban", "days": None}]
    ladder = {"rejections": 3, "within_days": 30, "steps": steps, "climb": "applied"}
    upside_down = {**ladder, "steps": steps[::-1]}

    put = api.put("/v1/site/author-ladder", {"author_ladder": ladder}).json
    refused = api.put("/v1/site/author-ladder", {"author_ladder": upside_down})
    read = api.get("/v1/site/author-ladder").json
    gone = api.put("/v1/site/author-ladder", {"author_ladder": None}).json

    assert put == read == {"author_ladder": ladder}
    assert (refused.status_code, problem_fields(refused.json)) == (422, ["author_ladder"])
    assert gone == {"author_ladder": None}


@pytest.mark.parametrize("reasons", [["x"], [str(n) for n in range(60)], ["x" * 50]])
def test_reasons_at_their_bounds_are_taken(api: Caller, reasons: list[str]) -> None:
    assert api.put("/v1/site/rejection-reasons", {"rejection_reasons": reasons}).status_code == 200


def test_neither_the_secret_nor_a_token_in_the_address_is_in_the_trail(
    api: Caller, database: Database, site: NewSite
) -> None:
    first = api.put("/v1/site", {"webhook_url": f"{HOOK}?token=s3cret"}).json
    second = api.post("/v1/site/webhook-secret").json

    assert first is not None
    assert second is not None
    renewed, set_up = noted_in(database, site)
    assert set_up.before == {"webhook_url": None, "webhook_secret": None}
    assert set_up.after == {"webhook_url": f"{HOOK}?…", "webhook_secret": "set"}
    assert renewed.before == {"webhook_secret": "set", "former_webhook_secret": None}
    assert renewed.after == {"webhook_secret": "renewed", "former_webhook_secret": "set"}
    with database.read() as conn:
        everything = str(audit_entries.entries(conn, site.site.id, before=None, limit=100))
    for secret in (first["webhook_secret"], second["webhook_secret"], "s3cret", site.key.token):
        assert secret not in everything


def noted_in(database: Database, site: NewSite) -> list[audit_entries.AuditEntry]:
    """Changes of the site's settings, newest first."""
    with database.read() as conn:
        found = audit_entries.entries(conn, site.site.id, before=None, limit=10)
    return [entry for entry in found if entry.action == "site.settings"]

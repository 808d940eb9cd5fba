"""The statement of reasons behind a decision: by API, in the event, and as a page behind a signed link."""

from __future__ import annotations

import base64
import importlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from babel.dates import format_date
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.law.statements import announcing, links
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows, sites
from moderation.sites.rows import Moderator
from moderation.sites.settings.grounds import Ground, GroundKind
from moderation.sites.settings.rejection_reasons import ReasonDetails
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SECRET_TEXT = "Dana Olsen of dana@mail.example is a crook, call +49 170 5550123."
LAW = Ground(
    {"en": "The remark is an insult.", "de": "Die Äußerung ist eine Beleidigung."}, GroundKind.LAW, "§ 185 StGB"
)


@pytest.fixture
def flagged(api: Caller, database: Database, site: NewSite) -> str:
    """A comment in German that the policy has sent to a person."""
    article = {"id": "a-1", "title": "Ferry to run all winter"}
    author = {"id": "reader-1", "name": "Dana Olsen"}
    api.post("/v1/comments", a_body(SECRET_TEXT, id="c-1", language="de-AT", article=article, author=author))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)
    return "/v1/comments/c-1/decisions"


def reject(api: Caller, path: str, **said: Any) -> str:
    made = api.post(path, {"action": "reject", "version": 2, "reason": "Insult or abuse", **said}).json
    assert made is not None
    return str(made["decision"]["id"])


def statement_of(api: Caller, decision_id: str) -> Any:
    response = api.get(f"/v1/decisions/{decision_id}/statement")
    assert response.status_code == 200
    return response.json


def test_a_site_that_rejects_what_a_machine_found_leaves_a_statement_in_the_authors_language(
    api: Caller, flagged: str, database: Database, site: NewSite
) -> None:
    change(database, site, appeal_contact="https://news.example/objections", appeal_days=30)
    decision_id = reject(api, flagged)

    said = statement_of(api, decision_id)

    assert (said["comment_id"], said["restriction"], said["holds"], said["amended_by"]) == (
        *("c-1", "not_published", True),
        None,
    )
    assert (said["language"], said["found_by"], said["automated_detection"], said["automated_decision"]) == (
        *("de", "own_initiative", True),
        "not_automated",
    )
    assert said["title"] == "Ihr Kommentar wurde nicht veröffentlicht"
    assert said["ground"]["kind"] == "house_rule"
    assert said["ground"]["name"] == "Beleidigung"
    assert said["ground"]["text"].startswith("Kritisieren Sie, was jemand sagt oder tut.")
    assert "Eine Software hatte auf den Kommentar hingewiesen, aus diesem Grund: Beleidigung." in said["facts"]
    assert "Die Redaktion hat in ihrem eigenen System entschieden." in said["facts"]
    assert "https://news.example/objections" in said["paragraphs"][3]["text"]
    until = datetime.fromisoformat(said["object_until"])
    assert until.date() == (datetime.fromisoformat(said["decided_at"]) + timedelta(days=30)).date()
    assert format_date(until, "long", locale="de") in said["paragraphs"][3]["text"]


def test_the_event_has_the_ground_and_the_link(api: Caller, flagged: str) -> None:
    decision_id = reject(api, flagged)

    feed = api.get("/v1/events").json
    assert feed is not None
    decided = [event["data"]["decision"] for event in feed["events"] if event["type"] == "comment.rejected"]

    assert [one["id"] for one in decided] == [decision_id]
    said = statement_of(api, decision_id)
    told = decided[0]["statement"]
    assert datetime.fromisoformat(told.pop("object_until")) == datetime.fromisoformat(said["object_until"])
    assert told == {
        name: said[name] for name in ("language", "restriction", "found_by", "automated_decision", "ground", "path")
    }
    held = [event["data"]["decision"]["statement"] for event in feed["events"] if event["type"] == "comment.flagged"]
    assert held == [None]  # it only waits: nothing was decided against the author


def test_a_moderator_who_rejects_is_a_person(api: Caller, flagged: str, database: Database, site: NewSite) -> None:
    site_id, now = site.site.id, utc_now()
    with database.write() as conn:
        ana_id = rows.insert_moderator(conn, email="ana@news.example", name="Ana", password_hash="x", now=now)
        comment = comments.get_comment(conn, site_id, "c-1")
    ana = Moderator(ana_id, "ana@news.example", "Ana", "x", 1, {site_id: "moderator"})

    choice = ModeratorChoice(Choice.REJECT, comment.version, "Insult or abuse")
    made = reviewing.decide(database, ana, comment.id, choice, now=now, hold_s=0)

    assert "Ein Mensch hat entschieden." in statement_of(api, made.id)["facts"]


def test_the_policy_that_rejects_says_that_software_decided(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-2"))
    made = settle(database, site.site.id, "c-2", Action.REJECT, toxicity=0.99)

    said = statement_of(api, made.id)

    assert (said["automated_detection"], said["automated_decision"], said["language"]) == (True, "fully", "en")
    assert said["ground"]["name"] == "Insult or abuse"  # behind a rule on toxicity
    assert "Software decided by rules that our moderators set." in said["facts"]


def test_a_report_is_named_and_what_is_taken_down_was_removed(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-2", language="fr"))
    settle(database, site.site.id, "c-2", Action.PUBLISH)
    api.post("/v1/comments/c-2/reports", {"reporter_id": "r-9", "reason": "insult", "note": "By Karl May"})

    said = statement_of(api, reject(api, "/v1/comments/c-2/decisions"))

    assert (said["restriction"], said["found_by"], said["automated_detection"]) == ("removed", "report", False)
    assert said["facts"].startswith("Des lecteurs avaient signalé le commentaire.")


def test_a_published_comment_that_is_flagged_is_held(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-2", language="es"))
    settle(database, site.site.id, "c-2", Action.PUBLISH)
    made = api.post("/v1/comments/c-2/decisions", {"action": "flag", "version": 2}).json
    assert made is not None

    said = statement_of(api, made["decision"]["id"])

    assert (said["restriction"], said["title"]) == ("held", "Su comentario no se muestra por ahora")


def test_a_changed_decision_amends_the_statement_which_stays(api: Caller, flagged: str) -> None:
    decision_id = reject(api, flagged)
    later = api.post(flagged, {"action": "publish", "version": 3}).json
    assert later is not None

    said = statement_of(api, decision_id)

    assert said["holds"] is False
    assert (said["amended_by"]["decision_id"], said["amended_by"]["status"]) == (later["decision"]["id"], "published")
    assert said["ended_at"] == said["amended_by"]["at"]
    assert "Diese Entscheidung gilt nicht mehr" in said["paragraphs"][0]["text"]


def test_a_statement_keeps_the_ground_that_the_site_had(
    api: Caller, flagged: str, database: Database, site: NewSite
) -> None:
    change(database, site, reason_details={"Insult or abuse": ReasonDetails({"de": "Grob"}, ground=LAW)})
    decision_id = reject(api, flagged)
    change(database, site, reason_details={}, rejection_reasons=("Rude",))

    said = statement_of(api, decision_id)

    assert (said["ground"]["kind"], said["ground"]["provision"]) == ("law", "§ 185 StGB")
    assert said["paragraphs"][1]["text"] == "Grundlage ist das Gesetz: § 185 StGB. Die Äußerung ist eine Beleidigung."


def test_a_reason_that_the_site_made_up_for_one_decision_is_not_repeated(api: Caller, flagged: str) -> None:
    said = statement_of(api, reject(api, flagged, reason="rude about Karl May", note="Karl again"))

    assert said["ground"]["name"] is None
    assert "Karl" not in str(said)


@pytest.mark.parametrize("kind", ["of another site", "unknown", "for the author"])
def test_there_is_no_statement(api: Caller, other_api: Caller, flagged: str, kind: str) -> None:
    decision_id = reject(api, flagged) if kind == "of another site" else "01a21022-6258-7611-864a-0e757bf7ee87"
    if kind == "for the author":
        made = api.post(flagged, {"action": "publish", "version": 2}).json
        assert made is not None
        decision_id = made["decision"]["id"]
    caller = other_api if kind == "of another site" else api

    assert caller.get(f"/v1/decisions/{decision_id}/statement").status_code == 404


def test_the_page_needs_no_account_and_no_script_and_names_nobody_but_in_the_quote(
    api: Caller, client: FlaskClient, flagged: str
) -> None:
    said = statement_of(api, reject(api, flagged))

    page = client.get(said["path"])

    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert '<html lang="de">' in page.text and "Ferry to run all winter" in page.text
    assert all(part["text"] in page.text for part in said["paragraphs"][2:])
    for secret in ("<script", "reader-1", "Ana"):
        assert secret not in page.text


def test_a_link_that_is_forged_foreign_or_late_shows_nothing(
    api: Caller, client: FlaskClient, database: Database, site: NewSite, other_site: NewSite, flagged: str
) -> None:
    decision_id = reject(api, flagged)
    good = statement_of(api, decision_id)["path"]
    token = good.removeprefix("/statements/")
    with database.write() as conn:
        mine, theirs = (announcing.secret(conn, one.site.id) for one in (site, other_site))
    later = utc_now() + timedelta(days=1)
    altered = [f"{token[:n]}{'A' if token[n] != 'A' else 'B'}{token[n + 1 :]}" for n in range(0, len(token) - 1, 3)]
    bad = [
        *altered,
        *(f"{token[:-1]}{letter}" for letter in LETTERS if letter != token[-1]),  # some decode to the same bytes
        *(token[:-1], f"{token}A", "", "x" * 55, "../../etc/passwd", "ä" * 55),
        links.path(theirs, decision_id, later).removeprefix("/statements/"),
        links.path(mine, decision_id, utc_now() - timedelta(seconds=2)).removeprefix("/statements/"),
        links.path(mine, "01a21022-6258-7611-864a-0e757bf7ee87", later).removeprefix("/statements/"),
        base64.urlsafe_b64encode(bytes(41)).decode().rstrip("="),
    ]

    answers = [client.get(f"/statements/{one}", headers={"Accept-Language": "de"}) for one in bad]

    assert client.get(good).status_code == 200
    assert {answer.status_code for answer in answers} == {404}
    for answer in answers:
        assert "Kommentar" not in answer.text and "Ferry" not in answer.text
    assert "Dieser Link funktioniert nicht" in answers[0].text


def test_a_link_ends_with_the_time_for_objections(
    api: Caller, client: FlaskClient, flagged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = statement_of(api, reject(api, flagged))["path"]
    end = utc_now() + timedelta(days=183)
    calls = importlib.import_module("service.api.linked_pages")

    monkeypatch.setattr(calls, "utc_now", lambda: end - timedelta(minutes=5))
    before = client.get(path).status_code
    monkeypatch.setattr(calls, "utc_now", lambda: end + timedelta(minutes=5))

    assert (before, client.get(path).status_code) == (200, 404)


def change(database: Database, site: NewSite, **settings: Any) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), **settings)

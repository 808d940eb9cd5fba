"""A site's own texts on the pages and in the events of statements, appeals, notices and measures. Markup stays text."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.ground.wording.sentences import ours
from moderation.law.statements import building, transparency
from moderation.law.statements import rows as store
from moderation.sites.sites import NewSite
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller
from tests.statements import Asked

GERMAN = ours("de")
MARKUP = "<b>Ihre</b> Post"


def word(api: Caller, language: str = "de", **texts: str) -> None:
    put = api.put("/v1/site/texts", {"language": language, "texts": texts})
    assert put.status_code == 200, put.json


@pytest.fixture
def rejected(api: Caller, database: Database, site: NewSite) -> str:
    api.post("/v1/comments", a_body("Dana Olsen is a crook.", id="c-1", language="de"))
    return settle(database, site.site.id, "c-1", Action.REJECT, toxicity=0.99).id


def answer(api: Caller, path: str) -> dict[str, Any]:
    body: dict[str, Any] | None = api.get(path).json
    assert body is not None
    return body


def heard(api: Caller, kind: str) -> dict[str, Any]:
    (event,) = (event for event in answer(api, "/v1/events?limit=100")["events"] if event["type"] == kind)
    said: dict[str, Any] = event["data"]
    return said


def test_a_statement_has_the_sites_words_and_the_eus_database_ours(
    api: Caller, client: FlaskClient, rejected: str, database: Database, site: NewSite
) -> None:
    fully = f"{GERMAN['statement_deciding_fully']} Sie heißt Gavel."
    word(api, statement_title_not_published=MARKUP, statement_deciding_fully=fully, appeal_send="Los")
    word(api, "en", appeal_send="Go")

    shown = answer(api, f"/v1/decisions/{rejected}/statement")
    page = client.get(shown["path"]).text

    assert (shown["title"], shown["facts"].endswith(fully)) == (MARKUP, True)
    assert page.count("&lt;b&gt;Ihre&lt;/b&gt; Post") == 2 and "<b>" not in page
    assert fully in page and ">Los</button>" in page
    with database.read() as conn:
        about = store.get_decided(conn, site.site.id, rejected)
    exported = transparency.form(building.statement(about, site.site.settings))
    assert exported["decision_facts"].endswith(GERMAN["statement_deciding_fully"])


def test_another_sites_readers_see_ours(api: Caller, other_api: Caller, rejected: str) -> None:
    word(other_api, statement_title_not_published="Nein")

    shown = answer(api, f"/v1/decisions/{rejected}/statement")

    assert shown["title"] == GERMAN["statement_title_not_published"]


def test_an_appeal_is_refused_and_received_in_the_sites_words(
    api: Caller, client: FlaskClient, rejected: str, database: Database
) -> None:
    word(api, appeal_empty=MARKUP, appeal_received=f"Danke. {GERMAN['appeal_received']}")
    path = answer(api, f"/v1/decisions/{rejected}/statement")["path"]

    refused = client.post(path, data={"text": " "})
    appeal = api.post(f"/v1/decisions/{rejected}/appeal", {"text": "I quoted the minister."}).json

    assert refused.status_code == 422 and "&lt;b&gt;Ihre&lt;/b&gt; Post" in refused.text
    assert appeal is not None
    assert appeal["message"]["text"].startswith("Danke. ")
    assert heard(api, "appeal.received")["message"] == appeal["message"]
    assert appeal["message"]["text"] in client.get(path).text
    (exported,) = answer(api, "/v1/authors/reader-1/export")["appeals"]
    assert exported["message"] == appeal["message"]


def test_an_export_reads_the_sites_words_once_for_each_language(
    api: Caller, database: Database, site: NewSite, rejected: str
) -> None:
    api.post("/v1/comments", a_body("Nuisance.", id="c-2", language="en"))
    api.post("/v1/comments", a_body("Lauter Gauner.", id="c-3", language="de"))
    others = [settle(database, site.site.id, id, Action.REJECT, toxicity=0.99).id for id in ("c-2", "c-3")]
    for decision_id in (rejected, *others):
        assert api.post(f"/v1/decisions/{decision_id}/appeal", {"text": "I quoted."}).status_code == 201
    asked = Asked(database)

    with asked.listening():
        exported = answer(api, "/v1/authors/reader-1/export")["appeals"]

    assert sorted(appeal["message"]["language"] for appeal in exported) == ["de", "de", "en"]
    assert sum("FROM site_texts" in statement for statement, _ in asked.statements) == 2


def test_a_receipt_and_a_measure_have_the_sites_words(
    api: Caller, client: FlaskClient, database: Database, site: NewSite
) -> None:
    word(api, receipt_title=MARKUP, measure_ban="Schluss.", measure_restored="Willkommen zurück.")
    api.post("/v1/comments", a_body("Throw them all into the sea.", id="c-2", language="de"))
    settle(database, site.site.id, "c-2")
    contact = {"name": "Karl Notifier", "email": "karl@mail.example", "good_faith": True}
    notice = api.post("/v1/notices", {"comment_id": "c-2", "explanation": "§ 130 StGB", "language": "de", **contact})

    page = client.get((notice.json or {})["path"]).text
    measures = "/v1/authors/reader-1/measures"
    api.post(measures, {"measure": "ban", "reason": "Hetze", "language": "de"})
    api.post(measures, {"measure": "restore", "language": "de"})

    assert page.count("&lt;b&gt;Ihre&lt;/b&gt; Post") == 2 and "<b>" not in page
    assert heard(api, "notice.received")["notice"]["title"] == MARKUP
    assert heard(api, "author.banned")["message"]["text"] == "Schluss. Grund: Hetze"
    assert heard(api, "author.restored")["message"]["text"] == "Willkommen zurück."

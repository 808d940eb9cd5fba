"""One reader's data: read, exported whole, and erased from everywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from moderation.ground.database.engine import Database
from moderation.ground.values.measures import Measure
from moderation.ground.values.signals import Of, Signal, Span
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Part, Reason, ReasonCode, Verdict
from moderation.judging.signals.scoring import Scoring
from moderation.moderators.authors import taking_measures as author_measures
from moderation.moderators.authors.taking_measures import MeasureWish
from moderation.operations.all_tables import metadata
from moderation.operations.operating.deleting import erasing
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling import judgements as settling
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.tables import audit
from moderation.sites.rows import Moderator
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from moderation.spine.articles.tables import authors
from moderation.spine.comments import rows as store
from moderation.spine.comments.moves import Judgement
from moderation.spine.comments.tables import comments, decisions, scorings
from service.api.authors import exporting
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body
from tests.service.conftest import Caller

pytestmark = ON_BOTH  # nothing is left in any row of either

SECRET = "Xylophone"  # in everything that the reader wrote, and in no other text
READER = {"id": "reader-7", "name": f"Dana {SECRET}"}
PATH = "/v1/authors/reader-7"


STATES = sa.select(comments.c.external_id, comments.c.version, comments.c.status).order_by(comments.c.external_id)


def judge(database: Database, site: NewSite, comment: str, action: Action, *, of: Of = Of.COMMENT) -> None:
    """As a worker does, with evidence that quotes the text it points into."""
    with database.read() as conn:
        (scored,) = loading.load_waiting(conn, [store.get_comment(conn, site.site.id, comment).id])
    span = Span(0, 9, 1.0, of, f"quoted {SECRET}")
    signal = Signal("toxicity", 0.9, "test", evidence=(span,))
    found = Scoring((signal,), {"toxicity": "test"}, "en", 0.1)
    reason = Reason(ReasonCode.RULE, action, "toxicity", 0.9, 0.8, "at_least", "Toxic", evidence=(span,))
    both = Reason(ReasonCode.COMBINED, action, label="Both", parts=(Part("toxicity", 0.9, "at_least", 0.8, (span,)),))
    assert settling.settle(database, [Judgement(scored, found, Verdict(action, (reason, both)))], now=utc_now())


@pytest.fixture
def ana(database: Database, site: NewSite) -> Moderator:
    from moderation.sites.people import moderators

    made = {"email": "ana@news.example", "name": "Ana", "password_hash": "x", "roles": {site.site.id: "lead"}}
    ana_id = moderators.create_moderator(database, by=OPERATOR, now=utc_now(), **made)  # type: ignore[arg-type]
    return Moderator(ana_id, "ana@news.example", "Ana", "x", 1, {site.site.id: "lead"})


@pytest.fixture
def written(api: Caller, database: Database, site: NewSite, ana: Moderator) -> None:
    """Three comments of the reader's, edited, decided, reported and marked; another's reply that quotes one; and a
    report that the reader made."""
    for comment, action in (("c-1", Action.PUBLISH), ("c-2", Action.FLAG), ("c-3", Action.REJECT)):
        api.post("/v1/comments", a_body(f"{SECRET} {comment}.", id=comment, author=READER))
        judge(database, site, comment, action)
    api.patch("/v1/comments/c-1", {"text": f"A better {SECRET}."})
    judge(database, site, "c-1", Action.PUBLISH)
    api.post("/v1/comments/c-2/decisions", {"action": "publish", "version": 2, "note": f"Not {SECRET}'s worst"})
    api.post("/v1/comments", a_body("I disagree.", id="r-1", parent_id="c-1", author={"id": "other", "name": "Eve"}))
    judge(database, site, "r-1", Action.PUBLISH, of=Of.PARENT)
    report = {"reporter_id": "other", "reason": "insult", "note": f"{SECRET} again"}
    assert api.post("/v1/comments/c-1/reports", report).status_code == 201
    mine = {"reporter_id": "reader-7", "reason": "spam", "note": f"Says {SECRET}"}
    assert api.post("/v1/comments/r-1/reports", mine).status_code == 201
    with database.read() as conn:
        author = articles.find_author(conn, site.site.id, "reader-7")
    assert author is not None
    wish = MeasureWish(Measure.HOLD, f"{SECRET} floods", days=3, note=f"{SECRET} phoned")
    author_measures.take(database, ana, author.id, wish, now=utc_now(), due_at=utc_now())


def everything(database: Database) -> dict[str, str]:
    """Every row of every table, and of the search, as text."""
    with database.read() as conn:
        rows = {table.name: conn.execute(sa.select(table)).all() for table in metadata.sorted_tables}
        found = {name: str([tuple(row) for row in held]) for name, held in rows.items()}  # a Row's own text is cut
        if database.is_sqlite:
            searched = ("comment_search", "author_search")
            found["search"] = str([conn.exec_driver_sql(f"SELECT * FROM {name}").all() for name in searched])
    return found


def holding_secret(database: Database) -> set[str]:
    return {table for table, rows in everything(database).items() if SECRET.lower() in rows.lower()}


@pytest.mark.usefixtures("written")
def test_a_reader_is_read_with_their_mark_and_their_comments_newest_first(api: Caller) -> None:
    page = api.get(PATH).json

    assert page is not None
    author = page["author"]
    assert (author["id"], author["name"]) == ("reader-7", READER["name"])
    assert (author["published"], author["rejected"]) == (2, 1)
    assert (author["mark"]["standing"], author["mark"]["reason"]) == ("hold", f"{SECRET} floods")
    assert datetime.fromisoformat(author["mark"]["until"]) > utc_now()
    assert [c["id"] for c in page["comments"]] == ["c-3", "c-2", "c-1"]
    assert page["next"] is None


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_readers_comments_come_by_page_and_by_status(api: Caller, limit: int) -> None:
    found: list[str] = []
    after = ""
    while (page := api.get(f"{PATH}?limit={limit}&order=oldest&status=published{after}").json) and page["comments"]:
        found += [c["id"] for c in page["comments"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert found == ["c-1", "c-2"]


@pytest.mark.parametrize("path", [PATH, f"{PATH}/export"])
def test_a_reader_whom_nobody_knows_is_not_found(api: Caller, path: str) -> None:
    assert api.get(path).status_code == 404


def test_an_id_may_hold_what_addresses_do_not(api: Caller) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "oauth/ Zoë?#1"}))
    path = "/v1/authors/oauth%2F%20Zo%C3%AB%3F%231"

    assert api.get(path).json["author"]["id"] == "oauth/ Zoë?#1"  # type: ignore[index]
    assert [c["id"] for c in api.get(f"{path}/export").json["comments"]] == ["c-1"]  # type: ignore[index]
    assert api.delete(path).json == {"id": "oauth/ Zoë?#1", "comments": 1, "reports_made": 0}


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("page", [1, 2, 100])
def test_an_export_holds_everything_of_the_reader_and_nothing_of_others(
    api: Caller, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exporting, "PAGE", page)

    response = api.get(f"{PATH}/export")

    export = json.loads(response.data)
    spec = api.client.get("/openapi.json").json
    assert spec is not None
    Draft202012Validator({"$ref": "#/components/schemas/AuthorExport", "components": spec["components"]}).validate(
        export
    )
    assert "Content-Length" not in response.headers  # it is sent as it is read
    assert export["author"]["name"] == READER["name"]
    first, second, third = export["comments"]
    assert [c["id"] for c in (first, second, third)] == ["c-1", "c-2", "c-3"]
    assert first["text"] == f"A better {SECRET}."
    assert [t["text"] for t in first["earlier_texts"]] == [f"{SECRET} c-1."]
    assert [s["version"] for s in first["scores"]] == [1, 3]
    assert first["scores"][0]["signals"][0]["evidence"][0]["quote"] == f"quoted {SECRET}"
    assert [(r["reason"], r["note"]) for r in first["reports"]] == [("insult", f"{SECRET} again")]
    assert [d["by"] for d in second["decisions"]] == ["policy", "api"]
    assert [(r["comment_id"], r["reason"], r["note"]) for r in export["reports_made"]] == [
        ("r-1", "spam", f"Says {SECRET}")
    ]
    assert '"other"' not in response.text
    assert "I disagree." not in response.text


@pytest.mark.usefixtures("written")
def test_an_erased_reader_is_nowhere_any_more(api: Caller, database: Database) -> None:
    tables = {
        "comments", "comment_edits", "authors", "author_measures", "reports", "scorings", "decisions", "events",
        "audit",
    }  # fmt: skip
    assert holding_secret(database) - {"search"} == tables

    response = api.delete(PATH)

    assert response.json == {"id": "reader-7", "comments": 3, "reports_made": 1}
    assert holding_secret(database) == set()


@pytest.mark.usefixtures("written")
def test_words_that_an_older_scoring_left_out_are_shown_nowhere_and_erased(api: Caller, database: Database) -> None:
    with database.write() as conn:
        for row in conn.execute(sa.select(scorings.c.id, scorings.c.signals)).all():
            older = [{**form, "left_out": {"value": 0.95, "words": form["evidence"]}} for form in row.signals]
            conn.execute(scorings.update().where(scorings.c.id == row.id).values(signals=older))

    assert api.get("/v1/comments/c-1").json["signals"][0].keys() == {  # type: ignore[index]
        "name", "value", "abstained", "source", "evidence", "in_part",
    }  # fmt: skip
    api.delete(PATH)

    assert holding_secret(database) == set()


@pytest.mark.usefixtures("written")
def test_decisions_stay_without_what_they_quoted(api: Caller, database: Database) -> None:
    with database.read() as conn:
        before = conn.execute(sa.select(decisions.c.id, decisions.c.action).order_by(decisions.c.id)).all()

    api.delete(PATH)

    with database.read() as conn:
        after = conn.execute(sa.select(decisions.c.id, decisions.c.action).order_by(decisions.c.id)).all()
    assert after == before
    comment = api.get("/v1/comments/c-1").json
    assert comment is not None
    assert (comment["status"], comment["text"], comment["author"]["name"]) == ("withdrawn", "", None)
    assert comment["reports"] == 0
    assert comment["signals"][0] == {
        "name": "toxicity", "value": 0.9, "abstained": None, "source": "test", "evidence": [],
        "in_part": None,
    }  # fmt: skip
    reason = comment["decision"]["reasons"][0]
    assert (reason["label"], reason["value"], reason["limit"], reason["evidence"]) == ("Toxic", 0.9, 0.8, [])


@pytest.mark.usefixtures("written")
def test_what_others_wrote_stays(api: Caller, database: Database, site: NewSite) -> None:
    before = api.get("/v1/comments/r-1").json

    api.delete(PATH)

    after = api.get("/v1/comments/r-1").json
    assert before is not None
    assert after is not None
    assert (after["text"], after["status"], after["author"]) == ("I disagree.", "published", before["author"])
    assert after["reports"] == before["reports"] == 1  # it counts on, as somebody's
    assert after["parent_id"] == "c-1"
    assert after["parent_published"] is False
    assert after["signals"][0]["evidence"] == []  # it quoted the erased comment
    assert api.post("/v1/comments/r-1/reports", {"reporter_id": "other", "reason": "x"}).json["reports"] == 2  # type: ignore[index]


@pytest.mark.usefixtures("written")
def test_the_site_hears_that_the_comments_were_withdrawn(api: Caller) -> None:
    end = api.get("/v1/events?cursor=now").json["next"]  # type: ignore[index]

    api.delete(PATH)

    events = api.get(f"/v1/events?after={end}").json["events"]  # type: ignore[index]
    assert [(e["type"], e["data"]["comment"]["id"]) for e in events] == [
        ("comment.withdrawn", "c-1"), ("comment.withdrawn", "c-2"), ("comment.withdrawn", "c-3"),
    ]  # fmt: skip
    assert api.get("/v1/articles/a-1/comments").json["comments"][0]["id"] == "r-1"  # type: ignore[index]


@pytest.mark.usefixtures("written")
def test_the_record_and_the_mark_are_gone(api: Caller) -> None:
    api.delete(PATH)

    author = api.get(PATH).json["author"]  # type: ignore[index]
    assert (author["name"], author["published"], author["rejected"]) == (None, 0, 0)
    assert author["mark"] == {"standing": "normal", "reason": None, "until": None, "message": None}


@pytest.mark.usefixtures("written")
def test_an_erasure_is_noted_with_who_asked_for_it(api: Caller, database: Database, site: NewSite) -> None:
    api.delete(PATH)

    with database.read() as conn:
        noted = audit_entries.entries(conn, site.site.id, before=None, limit=9)
    assert (noted[0].action, noted[0].subject, noted[0].key_id) == ("author.erased", "reader-7", site.key.id)
    marked = next(entry for entry in noted if entry.action == "author.marked")
    assert marked.subject == "reader-7"
    assert marked.after is not None
    assert (marked.after["standing"], marked.after["reason"]) == ("hold", None)


@pytest.mark.usefixtures("written")
def test_an_entry_of_an_earlier_version_loses_the_name_that_it_gave(
    api: Caller, database: Database, site: NewSite
) -> None:
    with database.write() as conn:
        conn.execute(audit.update().where(audit.c.action == "author.marked").values(subject=READER["name"]))

    api.delete(PATH)

    assert holding_secret(database) == set()
    with database.read() as conn:
        noted = audit_entries.entries(conn, site.site.id, before=None, limit=9)
    assert [entry.subject for entry in noted if entry.action == "author.marked"] == [None]


@pytest.mark.usefixtures("written")
def test_to_erase_again_is_no_error(api: Caller, database: Database) -> None:
    api.delete(PATH)
    with database.read() as conn:
        before = conn.execute(STATES).all()

    again = api.delete(PATH)

    assert again.json == {"id": "reader-7", "comments": 3, "reports_made": 0}
    with database.read() as conn:
        assert conn.execute(STATES).all() == before


def test_to_erase_somebody_whom_nobody_knows_is_no_error_and_no_news(
    api: Caller, database: Database, site: NewSite
) -> None:
    assert api.delete("/v1/authors/nobody").json == {"id": "nobody", "comments": 0, "reports_made": 0}

    with database.read() as conn:
        noted = audit_entries.entries(conn, site.site.id, before=None, limit=9)
    assert "author.erased" not in {entry.action for entry in noted}


def test_somebody_who_only_reported_is_exported_and_erased(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    api.post("/v1/comments/c-1/reports", {"reporter_id": "only", "reason": "x", "note": f"{SECRET}!"})

    export = api.get("/v1/authors/only/export").json
    erased = api.delete("/v1/authors/only").json

    assert export is not None
    assert export["author"] is None
    assert [r["note"] for r in export["reports_made"]] == [f"{SECRET}!"]
    assert erased == {"id": "only", "comments": 0, "reports_made": 1}
    assert holding_secret(database) == set()
    assert '"only"' not in str(api.get("/v1/comments/c-1").json)


@pytest.mark.parametrize("page", [1, 100])
def test_a_readers_notices_are_exported_with_their_outcome_and_forgotten_with_them(
    api: Caller, database: Database, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exporting, "PAGE", page)
    for name, giver in (("c-1", "only"), ("c-2", "only"), ("c-3", "other")):
        api.post("/v1/comments", a_body(id=name))
        given = {"comment_id": name, "explanation": f"{SECRET} {name}", "good_faith": True, "reader_id": giver}
        api.post("/v1/notices", {**given, "name": "Dana Olsen", "email": "dana@mail.example"})
    version = api.get("/v1/comments/c-1").json["version"]  # type: ignore[index]
    api.post("/v1/comments/c-1/decisions", {"action": "reject", "version": version, "answer": "Thank you."})

    export = api.get("/v1/authors/only/export").json
    api.delete("/v1/authors/only")

    assert export is not None
    assert export["author"] is None
    assert [(n["comment_id"], n["explanation"], n["status"], n["answer"]) for n in export["notices_given"]] == [
        ("c-1", f"{SECRET} c-1", "upheld", "Thank you."),
        ("c-2", f"{SECRET} c-2", "open", None),
    ]
    assert {(n["name"], n["email"]) for n in export["notices_given"]} == {("Dana Olsen", "dana@mail.example")}
    assert api.get("/v1/authors/only/export").status_code == 404
    assert [n["comment_id"] for n in api.get("/v1/authors/other/export").json["notices_given"]] == ["c-3"]  # type: ignore[index]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("pages", [1, 2])
def test_an_erasure_that_breaks_off_is_finished_by_the_same_again(
    api: Caller, database: Database, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(erasing, "PAGE", 1)
    real = erasing._forget_page
    done: list[Any] = []

    def break_off(*given: Any) -> None:
        if len(done) == pages:
            raise OSError("the disk is full")
        done.append(given)
        real(*given)

    monkeypatch.setattr(erasing, "_forget_page", break_off)
    assert api.delete(PATH).status_code == 500
    assert "comments" in holding_secret(database)
    monkeypatch.setattr(erasing, "_forget_page", real)

    assert api.delete(PATH).status_code == 200

    assert holding_secret(database) == set()


def test_a_worker_that_had_the_text_in_hand_brings_nothing_back(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(f"{SECRET}.", id="c-1", author=READER))
    with database.read() as conn:
        (scored,) = loading.load_waiting(conn, [store.get_comment(conn, site.site.id, "c-1").id])
    api.delete(PATH)

    signal = Signal("toxicity", 0.9, "test", evidence=(Span(0, 9, 1.0, Of.COMMENT, SECRET),))
    found = Scoring((signal,), {}, "en", 0.1)
    made = settling.settle(database, [Judgement(scored, found, Verdict(Action.PUBLISH, ()))], now=utc_now())

    assert made == []
    assert holding_secret(database) == set()


def test_a_worker_that_quotes_an_erased_comment_keeps_no_quote(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(f"{SECRET}.", id="c-1", author=READER))
    judge(database, site, "c-1", Action.PUBLISH)
    api.post("/v1/comments", a_body("I disagree.", id="r-1", parent_id="c-1"))
    with database.read() as conn:
        (scored,) = loading.load_waiting(conn, [store.get_comment(conn, site.site.id, "r-1").id])
    api.delete(PATH)

    span = Span(0, 9, 1.0, Of.PARENT, SECRET)
    signal = Signal("relevance", 0.1, "test", evidence=(span, replace(span, of=Of.COMMENT, quote=None)))
    reason = Reason(ReasonCode.RULE, Action.FLAG, "relevance", 0.1, 0.2, "below", "Off topic", evidence=(span,))
    both = Reason(ReasonCode.COMBINED, Action.FLAG, parts=(Part("relevance", 0.1, "below", 0.2, (span,)),))
    found = Scoring((signal,), {}, "en", 0.1)
    (made,) = settling.settle(database, [Judgement(scored, found, Verdict(Action.FLAG, (reason, both)))], now=utc_now())

    assert made.status_after is CommentStatus.FLAGGED
    assert holding_secret(database) == set()
    read = api.get("/v1/comments/r-1").json
    assert read is not None
    assert [span["of"] for span in read["signals"][0]["evidence"]] == ["comment"]


@pytest.mark.usefixtures("written")
def test_the_same_comment_sent_again_does_not_bring_the_text_back(api: Caller, database: Database) -> None:
    api.delete(PATH)

    again = api.post("/v1/comments", a_body(f"{SECRET} c-2.", id="c-2", author=READER))
    edited = api.patch("/v1/comments/c-2", {"text": SECRET})

    assert (again.status_code, edited.status_code) == (409, 409)
    assert holding_secret(database) == set()


@pytest.mark.usefixtures("written")
def test_a_reader_who_writes_again_begins_anew(api: Caller, database: Database) -> None:
    api.delete(PATH)

    api.post("/v1/comments", a_body("Back again.", id="new", author={"id": "reader-7", "name": "D."}))

    page = api.get(f"{PATH}?status=waiting").json
    assert page is not None
    assert page["author"]["name"] == "D."
    assert [c["id"] for c in page["comments"]] == ["new"]
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(authors)).scalar_one() == 2


@pytest.mark.usefixtures("written")
def test_a_withdrawn_text_that_goes_after_its_time_takes_its_quotes_along(
    api: Caller, database: Database, site: NewSite
) -> None:
    api.delete("/v1/comments/c-1")

    with database.write() as conn:
        withdrawn = store.get_comment(conn, site.site.id, "c-1")
        retention.erase_texts(conn, [withdrawn.id])

    with database.read() as conn:
        kept = {
            table: str(conn.execute(query).all())
            for table, query in {
                "scores": sa.select(scorings.c.signals).where(scorings.c.comment_id == withdrawn.id),
                "decisions": sa.select(decisions.c.reasons).where(decisions.c.comment_id == withdrawn.id),
                "reply": sa.select(scorings.c.signals)
                .join(comments, comments.c.id == scorings.c.comment_id)
                .where(comments.c.parent_id == withdrawn.id),
            }.items()
        }
    assert all(rows != "[]" for rows in kept.values())
    assert [table for table, rows in kept.items() if SECRET in rows] == []

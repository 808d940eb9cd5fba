"""The audit trail: decisions by reference, beside everything else that people did."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from moderation.moderators.finding import audit_trail
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.statements import Asked

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def exported(cast: Cast, browser: Browser, **query: str) -> list[dict[str, str]]:
    response = browser.client.get("/desk/audit.csv", query_string={"site": cast.herald.id, **query})
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def test_decisions_are_listed_beside_changes_of_accounts(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged("Words that stay where they are.", id="their-1")
    page = ana.get(f"/desk/review/{comment.id}").press("Escalate", note="A hard one")
    page.press("Undo")
    page = ana.get(f"/desk/review/{comment.id}").press("Reject as insult or abuse")

    rows = exported(cast, ben)

    told = [(row["who"], row["action"], row["subject"]) for row in rows]
    assert told[:3] == [
        ("Ana", "comment.rejected", "their-1"),
        ("Ana", "decision.undone", "their-1"),
        ("Ana", "comment.escalated", "their-1"),
    ]
    assert ("Ana", "session.started", "ana@example.org") in told
    after = json.loads(rows[0]["to"])
    assert (after["status"], after["reason"]) == ("rejected", "Insult or abuse")
    assert json.loads(rows[1]["to"])["undoes"] == json.loads(rows[2]["to"])["decision"]
    assert json.loads(rows[0]["from"]) == {"status": "flagged", "version": 4}
    assert "Words that stay" not in str(rows)
    assert "A hard one" not in str(rows)


def test_each_decision_of_a_batch_names_it(cast: Cast, ana: Browser, ben: Browser) -> None:
    for number in range(2):
        cast.flagged(f"You fool {number}.", id=f"their-{number}")
    ana.get("/desk/bulk").press("Approve 2").press("Undo 2")

    rows = [json.loads(row["to"]) for row in exported(cast, ben, kind="decisions")]

    assert [row["status"] for row in rows] == ["flagged", "flagged", "published", "published"]
    assert len({row["batch"] for row in rows}) == 1


def test_a_choice_of_days_leaves_the_others_out(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Approve")
    today, tomorrow, before = (f"{cast.now + timedelta(days=n):%Y-%m-%d}" for n in (0, 1, -40))

    assert exported(cast, ben, **{"from": today, "to": tomorrow})[0]["action"] == "comment.approved"
    assert exported(cast, ben, **{"from": before, "to": before}) == []
    assert exported(cast, ben, kind="other")[0]["action"] == "session.started"
    assert ben.get("/desk/audit", **{"from": tomorrow, "to": before}).status == 422


def test_the_page_shows_the_same_and_leads_to_the_comment(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged(id="their-1")
    ana.get(f"/desk/review/{comment.id}").press("Approve")

    page = ben.get("/desk/audit", site=cast.herald.id)

    assert page.link("a comment by Dana")["href"] == f"/desk/comments/{comment.id}"
    assert "Ana approved a comment by Dana" in page.text
    assert "Ben logged in." in page.text
    assert "their-1" in page.text
    assert "Ana approved" not in ben.get("/desk/audit", site=cast.herald.id, kind="other").text


def test_an_export_of_any_length_is_read_and_sent_page_by_page(
    cast: Cast, ana: Browser, ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        comment = cast.flagged(f"You fool {number}.", id=f"their-{number}")
        ana.get(f"/desk/review/{comment.id}").press("Approve")
    monkeypatch.setattr(audit_trail, "PAGE", 2)
    asked = Asked(cast.database)

    with asked.listening():
        response = ben.client.get("/desk/audit.csv", query_string={"site": cast.herald.id}, buffered=False)
        chunks: Iterator[bytes] = iter(response.response)  # type: ignore[arg-type]
        first = [next(chunks), next(chunks)]
        so_far = sum("FROM decisions" in statement for statement, _ in asked.statements)
        rest = list(chunks)

    assert response.is_streamed
    assert so_far == 1
    rows = "".join(str(chunk, "utf-8") for chunk in (*first, *rest)).splitlines()
    assert [row.split(",")[3] for row in rows if "comment.approved" in row] == [f"their-{n}" for n in range(4, -1, -1)]
    assert len(rows) == len(set(rows))
    assert asked.scans() == []


def test_a_lead_reads_the_trail_and_a_moderator_does_not(ana: Browser, ben: Browser) -> None:
    assert ben.get("/desk/audit").status == 200
    assert ana.get("/desk/audit").status == 403
    assert ana.get("/desk/audit.csv").status == 403


def test_a_session_is_in_the_trail_from_its_start_to_its_end(cast: Cast, ana: Browser, ben: Browser) -> None:
    ana.get("/desk/account").press("Log out everywhere else")
    ana.get("/desk/review").press("Log out")
    ana.post("/desk/logout", {})

    told = [row["action"] for row in exported(cast, ben) if row["who"] == "Ana"]

    assert told == ["session.ended", "session.started", "session.all_ended", "session.started"]


def test_a_cookie_of_nobody_ends_no_session(cast: Cast, ana: Browser, ben: Browser) -> None:
    ana.client.set_cookie("gavel_session", "made up")
    ana.post("/desk/logout", {})

    assert "session.ended" not in {row["action"] for row in exported(cast, ben)}


def test_another_sites_decisions_are_left_out(cast: Cast, carla: Browser, ben: Browser) -> None:
    comment = cast.flagged(site=cast.courier, id="their-9")
    carla.get(f"/desk/review/{comment.id}").press("Approve")

    assert "their-9" not in {row["subject"] for row in exported(cast, ben)}


def test_a_name_that_is_a_formula_is_exported_harmless(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.published(author="=cmd|calc")
    ana.get(f"/desk/authors/{comment.author_id}").press("Take the measure", measure="hold", reason="x")

    assert "'=cmd|calc" in {row["subject"] for row in exported(cast, ben)}

"""Readers' reports: one for each reader, and enough of them bring a published comment before a person."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller

LIMIT = 3  # of the default policy


@pytest.fixture
def published(api: Caller, database: Database, site: NewSite) -> str:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")
    return "/v1/comments/c-1"


def report(api: Caller, comment: str, *readers: str) -> TestResponse:
    """The answer to the last one."""
    for reader in readers:
        response = api.post(f"{comment}/reports", {"reporter_id": reader, "reason": "insult"})
    return response


def status_of(api: Caller, comment: str) -> str:
    shown = api.get(comment).json
    assert shown is not None
    return str(shown["status"])


def test_a_report_is_counted_once_for_each_reader(api: Caller, published: str) -> None:
    first, again = report(api, published, "r-1"), report(api, published, "r-1")
    other = report(api, published, "r-2")

    assert [r.status_code for r in (first, again, other)] == [201, 200, 201]
    assert [r.json["reports"] for r in (first, again, other)] == [1, 1, 2]  # type: ignore[index]
    assert api.get(published).json["reports"] == 2  # type: ignore[index]
    assert status_of(api, published) == "published"


def test_reports_at_the_limit_send_the_comment_to_a_person(api: Caller, published: str) -> None:
    response = report(api, published, *(f"r-{n}" for n in range(LIMIT)))

    assert response.json is not None
    assert response.json["comment"]["status"] == "flagged"
    decision = api.get(published).json["decision"]  # type: ignore[index]
    assert (decision["by"], decision["policy_version"]) == ("policy", 1)
    (reason,) = decision["reasons"]
    assert (reason["code"], reason["value"], reason["limit"]) == ("reported", LIMIT, LIMIT)
    feed = api.get("/v1/events").json
    assert feed is not None
    assert [e["type"] for e in feed["events"]] == ["comment.published", "comment.flagged"]


def reports_until_flagged(api: Caller, comment: str, reason: str) -> int:
    """How many more readers it takes, at most twenty."""
    for number in range(1, 21):
        made = {"reporter_id": f"{reason}-{status_of(api, comment)}-{uuid4()}", "reason": reason}
        api.post(f"{comment}/reports", made)
        if status_of(api, comment) == "flagged":
            return number
    return 0


def approve(api: Caller, comment: str) -> None:
    version = api.get(comment).json["version"]  # type: ignore[index]
    api.post(f"{comment}/decisions", {"action": "publish", "version": version})


@ON_BOTH
def test_what_a_person_approved_needs_twice_as_many_reports_each_time_or_a_new_reason(
    api: Caller, published: str
) -> None:
    needed = []
    for reason in ("insult", "insult", "Insult", "hate", "hate"):
        needed.append(reports_until_flagged(api, published, reason))
        approve(api, published)

    assert needed == [3, 6, 12, 3, 6]


ROUNDS = 4
FREE = ("00", "01", "02")
LABELS = ("Insult or abuse", "Beleidigung", "Insulto o abuso")
SPELLINGS = ("Insult", " INSULT ", "ins\u00adult")
OTHERS = ("other", "other: a lie", "Another reason")


@pytest.mark.parametrize("reasons", [FREE, LABELS, SPELLINGS, OTHERS])
def test_no_words_of_a_readers_own_are_a_new_reason(api: Caller, published: str, reasons: tuple[str, ...]) -> None:
    report(api, published, "r-0", "r-1", "r-2")
    approve(api, published)

    for number in range(ROUNDS):
        for at, reason in enumerate(reasons):
            api.post(f"{published}/reports", {"reporter_id": f"r-{number}-{at}", "reason": reason})
            if status_of(api, published) == "flagged":
                approve(api, published)

    assert flaggings(api) == 2  # the second after six of these twelve, which count a half, and none after a quarter


def flaggings(api: Caller) -> int:
    feed = api.get("/v1/events?limit=100").json
    return sum(event["type"] == "comment.flagged" for event in feed["events"])  # type: ignore[index]


def test_each_listed_reason_is_new_once_however_it_is_written(api: Caller, published: str) -> None:
    needed = []
    for reason in ("Off topic", "off-topic", "OFF_TOPIC", "spam", "something else", "other"):
        needed.append(reports_until_flagged(api, published, reason))
        approve(api, published)

    assert needed[:4] == [3, 6, 12, 3]
    assert needed[4:] == [0, 0]


def test_the_reason_says_how_reports_after_an_approval_count(api: Caller, published: str) -> None:
    report(api, published, "r-0", "r-1", "r-2")
    approve(api, published)

    report(api, published, *(f"r-{n}" for n in range(3, 9)))

    (reason,) = api.get(published).json["decision"]["reasons"]  # type: ignore[index]
    assert (reason["value"], reason["limit"]) == (3, 3)
    assert reason["detail"].startswith("6 readers since a person approved it; 6 of them for reasons")


def test_a_person_who_looked_is_not_asked_again_about_the_same_reports(api: Caller, published: str) -> None:
    report(api, published, "r-0", "r-1", "r-2")
    approve(api, published)

    report(api, published, "r-3", "r-4")

    assert status_of(api, published) == "published"


def test_a_flagged_comment_counts_reports_and_stays_flagged(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1", Action.FLAG)

    response = report(api, "/v1/comments/c-1", *(f"r-{n}" for n in range(LIMIT + 1)))

    assert response.json is not None
    assert (response.json["comment"]["version"], response.json["reports"]) == (2, LIMIT + 1)


def test_a_policy_without_a_limit_on_reports_flags_nothing(api: Caller, published: str) -> None:
    api.put("/v1/policy", {"version": 1, "required": [], "rules": []})

    report(api, published, *(f"r-{n}" for n in range(10)))

    assert status_of(api, published) == "published"


def test_an_override_for_the_article_holds(api: Caller, published: str) -> None:
    policy = api.get("/v1/policy").json
    assert policy is not None
    rule = {"signal": "reports", "at_least": 1, "action": "flag", "label": "Reported"}
    api.put("/v1/policy", {**policy, "articles": {"a-1": {"rules": [rule], "without": []}}})

    report(api, published, "r-1")

    assert status_of(api, published) == "flagged"


def test_reports_alone_reject_nothing(api: Caller, published: str) -> None:
    rule = {"signal": "reports", "at_least": 2, "action": "reject", "label": "Reported"}
    api.put("/v1/policy", {"version": 1, "required": [], "rules": [rule]})

    report(api, published, "r-1", "r-2")

    assert status_of(api, published) == "flagged"


def test_a_comment_that_nobody_sees_cannot_be_reported(api: Caller, published: str) -> None:
    api.delete(published)

    response = report(api, published, "r-1")

    assert response.status_code == 409
    assert api.get(published).json["reports"] == 0  # type: ignore[index]


@ON_BOTH
def test_many_reports_at_once_flag_once(app: OpenAPI, api: Caller, api_key: str, published: str) -> None:
    readers = 8
    start = threading.Barrier(readers)

    def send(number: int) -> int:
        start.wait(timeout=60)
        return report(Caller(app.test_client(), api_key), published, f"r-{number}").status_code

    with ThreadPoolExecutor(readers) as pool:
        answers = list(pool.map(send, range(readers)))

    shown = api.get(published).json
    assert shown is not None
    assert answers == [201] * readers
    assert (shown["status"], shown["version"], shown["reports"]) == ("flagged", 3, readers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "x"}, "reporter_id"),
        ({"reporter_id": "r-1"}, "reason"),
        ({"reporter_id": "", "reason": "x"}, "reporter_id"),
        ({"reporter_id": "r-1", "reason": "x" * 51}, "reason"),
        ({"reporter_id": "r-1", "reason": "x", "note": "n" * 2_001}, "note"),
        ({"reporter_id": "r-1", "reason": "x", "when": "now"}, "when"),
    ],
)
def test_a_wrong_report_names_its_field(api: Caller, published: str, body: dict[str, Any], field: str) -> None:
    response = api.post(f"{published}/reports", body)

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]


def test_there_is_nothing_to_report_about_an_unknown_comment(api: Caller) -> None:
    assert report(api, "/v1/comments/c-1", "r-1").status_code == 404


@pytest.mark.parametrize(("toxicity", "status"), [(0.3, "flagged"), (0.1, "published")])
def test_a_rule_on_reports_and_scores_together_looks_at_the_newest_scores(
    api: Caller, database: Database, site: NewSite, toxicity: float, status: str
) -> None:
    both = [{"signal": "reports", "at_least": 2}, {"signal": "toxicity", "at_least": 0.2}]
    api.put("/v1/policy", {"version": 1, "required": [], "rules": [{"all": both, "action": "flag", "label": "Both"}]})
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1", toxicity=toxicity)

    report(api, "/v1/comments/c-1", "r-1")
    assert status_of(api, "/v1/comments/c-1") == "published"
    report(api, "/v1/comments/c-1", "r-2")

    assert status_of(api, "/v1/comments/c-1") == status
    if status == "flagged":
        (reason,) = api.get("/v1/comments/c-1").json["decision"]["reasons"]  # type: ignore[index]
        assert (reason["code"], reason["label"], reason["limit"]) == ("reported", "Both", 2)
        assert [(p["signal"], p["value"], p["limit"]) for p in reason["parts"]] == [
            ("reports", 2, 2),
            ("toxicity", toxicity, 0.2),
        ]

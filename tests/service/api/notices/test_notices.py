"""Notices of illegal content: a person decides, whoever gave one hears of it, and no link shows more than it should."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.law.notices.giving import MOST_PER_DAY
from moderation.law.statements import announcing, links
from moderation.law.statements.links import LinkedPage
from moderation.operations.operating.deleting import erasing, retention
from moderation.operations.operating.deleting.retention import CONTACT_DAYS, Deletion
from moderation.sites import keys
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller
from tests.statements import Asked, steps

TEXT = "Throw them all into the sea."
WHY = "§ 130 StGB: it calls for violence."
CONTACT = {"name": "Karl Notifier", "email": "karl@mail.example"}


def a_notice(**overrides: Any) -> dict[str, Any]:
    """An override of None leaves the field out."""
    fields = {"comment_id": "c-1", "explanation": WHY, "good_faith": True, **CONTACT, **overrides}
    return {name: value for name, value in fields.items() if value is not None}


@pytest.fixture
def published(api: Caller, database: Database, site: NewSite) -> str:
    api.post("/v1/comments", a_body(TEXT, id="c-1", article={"id": "a-1", "title": "Ferry to run all winter"}))
    settle(database, site.site.id, "c-1")
    return "/v1/comments/c-1"


@pytest.fixture
def flagger(client: FlaskClient, database: Database, site: NewSite) -> Caller:
    made = keys.create_key(
        database, site.site.id, name="Hotline", scopes=[Scope.TRUSTED_FLAGGER], by=OPERATOR, now=utc_now()
    )
    return Caller(client, made.token)


def give(api: Caller, **overrides: Any) -> dict[str, Any]:
    response = api.post("/v1/notices", a_notice(**overrides))
    assert response.status_code == 201, response.json
    made: dict[str, Any] = response.json  # type: ignore[assignment]
    return made


def decide(api: Caller, path: str, action: str, **said: Any) -> None:
    version = api.get(path).json["version"]  # type: ignore[index]
    response = api.post(f"{path}/decisions", {"action": action, "version": version, **said})
    assert response.status_code == 201, response.json


def heard(api: Caller) -> list[Any]:
    return api.get("/v1/events?limit=100").json["events"]  # type: ignore[index, no-any-return]


def status_of(api: Caller, path: str) -> str:
    return str(api.get(path).json["status"])  # type: ignore[index]


def test_a_notice_puts_a_published_comment_to_a_person_leaves_it_online_and_confirms_its_receipt(
    api: Caller, published: str, client: FlaskClient
) -> None:
    made = give(api, language="de-AT")

    assert (made["status"], made["comment_id"], made["trusted_flagger"]) == ("open", "c-1", False)
    assert status_of(api, published) == "published"
    kinds = [event["type"] for event in heard(api)]
    assert kinds == ["comment.published", "notice.received"]
    page = client.get(made["path"])
    assert page.status_code == 200
    assert "Ihre Meldung ist eingegangen" in page.text and made["id"] in page.text
    assert "Bis dahin bleibt er online." in page.text
    assert page.headers["X-Robots-Tag"] == "noindex" and page.headers["Cache-Control"] == "no-store"


def test_a_rejection_with_a_reason_upholds_the_notice_and_says_so(
    api: Caller, published: str, client: FlaskClient
) -> None:
    made = give(api, language="en")

    decide(api, published, "reject", reason="Threat or call for violence", answer="Thank you, it broke the law.")

    event = heard(api)[-1]
    assert event["type"] == "notice.decided"
    said = event["data"]["notice"]
    assert (said["id"], said["status"], event["data"]["comment"]["status"]) == (made["id"], "upheld", "rejected")
    assert "Threats, calls for violence and the praise of violence are not published." in said["text"]
    assert "A person decided on your notice." in said["text"] and "Thank you, it broke the law." in said["text"]
    page = client.get(made["path"]).text
    assert "The comment was rejected after your notice" in page and "Thank you, it broke the law." in page
    assert "court" in page


def test_a_publication_dismisses_the_notice(api: Caller, published: str) -> None:
    made = give(api)

    decide(api, published, "publish")

    said = api.get(f"/v1/notices/{made['id']}").json
    assert said is not None
    assert (said["status"], said["email"], said["explanation"]) == ("dismissed", CONTACT["email"], WHY)
    assert said["decision_id"] == api.get(published).json["decision"]["id"]  # type: ignore[index]


def test_no_event_and_no_page_names_the_notifier_or_quotes_the_comment(
    api: Caller, published: str, client: FlaskClient
) -> None:
    made = give(api)
    decide(api, published, "reject")

    told = [event for event in heard(api) if event["type"].startswith("notice.")]
    shown = f"{told} {client.get(made['path']).text} {api.get(published).json}"

    assert len(told) == 2
    for secret in (*CONTACT.values(), WHY, TEXT):
        assert secret not in str(told) + client.get(made["path"]).text
    for secret in (*CONTACT.values(), WHY):
        assert secret not in shown


@pytest.mark.parametrize(("action", "after"), [(Action.PUBLISH, "published"), (Action.REJECT, "flagged")])
def test_no_policy_answers_a_notice_of_a_comment_that_waits(
    api: Caller, database: Database, site: NewSite, action: Action, after: str
) -> None:
    api.post("/v1/comments", a_body(TEXT, id="c-2"))
    made = give(api, comment_id="c-2")

    decision = settle(database, site.site.id, "c-2", action)

    assert (decision.status_after, decision.decided_by) == (after, "policy")
    assert (decision.reasons[0]["code"] == "noticed") is (after == "flagged")
    assert api.get(f"/v1/notices/{made['id']}").json["status"] == "open"  # type: ignore[index]


def test_an_edited_comment_waits_for_a_person_all_the_same(
    api: Caller, published: str, database: Database, site: NewSite
) -> None:
    give(api)
    version = api.get(published).json["version"]  # type: ignore[index]
    api.patch(published, {"text": "Be kind.", "version": version})

    settle(database, site.site.id, "c-1", Action.PUBLISH)

    assert status_of(api, published) == "flagged"


def places(database: Database, site: NewSite, *names: str) -> list[str]:
    """The comments by their place in the queue."""
    with database.read() as conn:
        ids = {comments.get_comment(conn, site.site.id, name).id: name for name in names}
        found = conn.exec_driver_sql("SELECT id, priority, flagged_for FROM comments").all()
    ordered = sorted((row for row in found), key=lambda row: -row.priority)
    by_hex = {id.replace("-", ""): name for id, name in ids.items()}
    return [by_hex[str(row.id).replace("-", "")] for row in ordered if str(row.id).replace("-", "") in by_hex]


def test_trusted_flaggers_come_first_then_notices_then_all_others(
    api: Caller, flagger: Caller, database: Database, site: NewSite
) -> None:
    for name in ("c-1", "c-2", "c-3", "c-4"):
        api.post("/v1/comments", a_body(f"{TEXT} {name}", id=name))
        settle(database, site.site.id, name, Action.FLAG, toxicity=0.2 if name == "c-3" else 0.99)
    for reader in range(50):
        api.post("/v1/comments/c-4/reports", {"reporter_id": f"r-{reader}", "reason": "insult"})

    give(api, comment_id="c-2")
    made = give(flagger, comment_id="c-3")

    assert made["trusted_flagger"] is True
    assert places(database, site, "c-1", "c-2", "c-3", "c-4") == ["c-3", "c-2", "c-4", "c-1"]
    decide(api, "/v1/comments/c-3", "publish")
    decide(api, "/v1/comments/c-3", "flag")
    assert places(database, site, "c-1", "c-2", "c-3", "c-4")[0] == "c-2"  # its notice is answered


def test_a_trusted_flaggers_key_gives_notices_and_nothing_else(
    api: Caller, flagger: Caller, published: str, site: NewSite
) -> None:
    assert flagger.get(published).status_code == 403
    assert flagger.post("/v1/comments", a_body(id="c-9")).status_code == 403
    assert flagger.get(f"/v1/notices/{uuid4()}").status_code == 403
    assert give(flagger)["trusted_flagger"] is True
    assert give(api, comment_id="c-1")["trusted_flagger"] is False  # the first key of a site is no flagger's


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"explanation": None}, "explanation"),
        ({"explanation": ""}, "explanation"),
        ({"explanation": "  \n"}, "explanation"),
        ({"explanation": "x" * 2_001}, "explanation"),
        ({"name": None}, "name"),
        ({"email": None}, "email"),
        ({"email": "karl"}, "email"),
        ({"email": f"{'k' * 250}@m.example"}, "email"),
        ({"good_faith": False}, "good_faith"),
        ({"good_faith": None}, "good_faith"),
        ({"good_faith": "yes"}, "good_faith"),
        ({"category": "HATE"}, "category"),
        ({"language": "not a language"}, "language"),
        ({"comment_id": None}, "comment_id"),
        ({"trusted": True}, "trusted"),
    ],
)
def test_a_notice_that_lacks_something_is_refused_by_name(
    api: Caller, published: str, fields: dict[str, Any], wrong: str
) -> None:
    response = api.post("/v1/notices", a_notice(**fields))

    assert (response.status_code, problem_fields(response.json)) == (422, [wrong])
    assert status_of(api, published) == "published"


def test_the_longest_explanation_is_taken(api: Caller, published: str) -> None:
    assert give(api, explanation="x" * 2_000)["status"] == "open"


def test_only_sexual_abuse_of_children_may_be_noticed_without_a_name(api: Caller, published: str) -> None:
    made = give(api, name=None, email=None, child_sexual_abuse=True)

    said = api.get(f"/v1/notices/{made['id']}").json
    assert said is not None
    assert (said["name"], said["email"], said["category"]) == (None, None, "STATEMENT_CATEGORY_PROTECTION_OF_MINORS")


def test_the_same_id_again_changes_nothing_and_another_notice_may_not_have_it(api: Caller, published: str) -> None:
    id = str(uuid4())
    first = give(api, id=id)

    again = api.post("/v1/notices", a_notice(id=id))
    other = api.post("/v1/notices", a_notice(id=id, explanation="Another law"))

    assert (again.status_code, again.json) == (200, first)
    assert (other.status_code, problem_fields(other.json)) == (422, ["id"])
    assert sum(event["type"] == "notice.received" for event in heard(api)) == 1


def test_what_readers_no_longer_see_and_what_is_unknown_is_refused(
    api: Caller, published: str, other_site: NewSite, client: FlaskClient
) -> None:
    decide(api, published, "reject")

    assert api.post("/v1/notices", a_notice()).status_code == 409
    assert api.post("/v1/notices", a_notice(comment_id="c-77")).status_code == 404
    elsewhere = Caller(client, other_site.key.token)
    assert elsewhere.post("/v1/notices", a_notice()).status_code == 404


def test_another_site_reads_no_notice(api: Caller, published: str, other_site: NewSite, client: FlaskClient) -> None:
    made = give(api)

    assert Caller(client, other_site.key.token).get(f"/v1/notices/{made['id']}").status_code == 404
    assert api.get(f"/v1/notices/{uuid4()}").status_code == 404


def test_a_reader_has_a_bound_of_notices_a_day(api: Caller, database: Database, site: NewSite) -> None:
    answers = []
    for number in range(MOST_PER_DAY + 1):
        api.post("/v1/comments", a_body(f"{TEXT} {number}", id=f"c-{number}"))
        answers.append(api.post("/v1/notices", a_notice(comment_id=f"c-{number}", reader_id="r-1")))

    assert [each.status_code for each in answers] == [201] * MOST_PER_DAY + [429]
    assert answers[-1].json["type"].endswith("too-many-notices")  # type: ignore[index]
    assert api.post("/v1/notices", a_notice(comment_id=f"c-{MOST_PER_DAY}", reader_id="r-2")).status_code == 201


def test_an_author_who_withdraws_ends_the_notice(api: Caller, published: str) -> None:
    made = give(api)

    assert api.delete(published).status_code == 200

    assert heard(api)[-1]["data"]["notice"]["status"] == "withdrawn"
    assert api.get(f"/v1/notices/{made['id']}").json["status"] == "withdrawn"  # type: ignore[index]


def forged(path: str, database: Database, site: NewSite, other_site: NewSite) -> list[str]:
    token = path.removeprefix("/notices/")
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    link = links.read(token, page=LinkedPage.NOTICES)
    assert link is not None
    with database.write() as conn:
        mine, theirs = (announcing.secret(conn, one.site.id) for one in (site, other_site))
    notice_id, later = link.decision_id, utc_now() + timedelta(days=1)
    flipped = [bytes(byte ^ (1 << bit) if n == at else byte for n, byte in enumerate(raw))
               for at in range(len(raw)) for bit in (0, 7)]  # fmt: skip
    return [
        *(f"/notices/{base64.urlsafe_b64encode(each).decode().rstrip('=')}" for each in flipped),
        *(f"/notices/{token[:size]}" for size in range(1, len(token))),
        f"/notices/{token}A",
        links.path(theirs, notice_id, later, page=LinkedPage.NOTICES),  # another site's
        links.path(mine, notice_id, utc_now() - timedelta(seconds=1), page=LinkedPage.NOTICES),  # expired
        links.path(mine, str(uuid4()), later, page=LinkedPage.NOTICES),  # no notice
        links.path(mine, notice_id, later).replace("/statements/", "/notices/"),  # signed for another page
        path.replace("/notices/", "/statements/"),
    ]


def test_forged_expired_and_foreign_links_show_nothing(
    api: Caller, published: str, client: FlaskClient, database: Database, site: NewSite, other_site: NewSite
) -> None:
    made = give(api)
    tried = forged(made["path"], database, site, other_site)

    answers = [client.get(path) for path in tried]

    assert len(tried) > 130
    assert {answer.status_code for answer in answers} == {404}
    for answer in answers:
        assert not any(word in answer.text for word in (made["id"], "Ferry", TEXT, WHY, *CONTACT.values()))
    assert client.get(made["path"]).status_code == 200


def retained(database: Database, days: float) -> dict[str, int]:
    done = list(retention.retain(database, by=OPERATOR, now=utc_now() + timedelta(days=days)))
    return {each.kind: each.count for each in done if each.kind in (Deletion.NOTICES, Deletion.NOTICE_CONTACTS)}


@ON_BOTH
def test_the_contact_goes_first_and_the_notice_after_the_sites_days(
    api: Caller, published: str, database: Database
) -> None:
    kept = {"keep_published_days": None, "keep_rejected_days": 1, "keep_withdrawn_days": None}
    assert api.put("/v1/site/retention", {**kept, "keep_notices_days": 90}).json["keep_notices_days"] == 90  # type: ignore[index]
    made = give(api)
    assert retained(database, 400) == {}  # it is open
    decide(api, published, "reject")
    heard(api)  # what the site has not heard of stays

    assert retained(database, CONTACT_DAYS - 0.1) == {}
    assert retained(database, CONTACT_DAYS + 0.1) == {Deletion.NOTICE_CONTACTS: 1}
    said = api.get(f"/v1/notices/{made['id']}").json
    assert said is not None
    assert (said["name"], said["email"], said["status"]) == (None, None, "upheld")
    assert api.get(published).status_code == 200  # it stays as long as its notice
    assert retained(database, 89.9) == {}
    assert retained(database, 90.1) == {Deletion.NOTICES: 1}
    assert api.get(f"/v1/notices/{made['id']}").status_code == 404
    retained(database, 91)
    assert api.get(published).status_code == 404


def test_an_erasure_of_the_author_takes_the_words_and_leaves_the_outcome(
    api: Caller, published: str, database: Database, site: NewSite
) -> None:
    made = give(api)

    erasing.erase(database, site.site.id, "reader-1", by=OPERATOR, now=utc_now())

    said = api.get(f"/v1/notices/{made['id']}").json
    assert said is not None
    assert (said["status"], said["explanation"]) == ("withdrawn", "")


@ON_BOTH
def test_an_erasure_of_the_notifier_takes_their_contact(
    api: Caller, published: str, database: Database, site: NewSite
) -> None:
    made = give(api, reader_id="karl")

    erasing.erase(database, site.site.id, "karl", by=OPERATOR, now=utc_now())

    said = api.get(f"/v1/notices/{made['id']}").json
    assert said is not None
    assert (said["name"], said["email"], said["explanation"]) == (None, None, "")
    assert "karl" not in said["reader_id"] and said["status"] == "open"


def test_the_audit_trail_has_the_notice_and_its_answer(
    api: Caller, published: str, database: Database, site: NewSite
) -> None:
    give(api)
    decide(api, published, "publish")

    with database.read() as conn:
        kept = conn.exec_driver_sql("SELECT action, subject FROM audit WHERE action LIKE 'notice.%%' ORDER BY id").all()
    assert [tuple(row) for row in kept] == [("notice.received", "c-1"), ("notice.decided", "c-1")]


def test_the_statement_says_that_a_notice_led_to_the_decision(api: Caller, published: str) -> None:
    give(api)
    decide(api, published, "reject", reason="Threat or call for violence")

    decision_id = api.get(published).json["decision"]["id"]  # type: ignore[index]
    said = api.get(f"/v1/decisions/{decision_id}/statement").json

    assert said is not None
    assert said["found_by"] == "notice"
    assert said["facts"].startswith("Somebody had given notice that the comment may be illegal.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_giving_deciding_and_reading_walk_no_table(api: Caller, published: str, database: Database) -> None:
    asked = Asked(database)

    with asked.listening():
        made = give(api, reader_id="r-1")
        decide(api, published, "reject")
        api.get(f"/v1/notices/{made['id']}")

    about_notices = [step for said, given in asked.statements if "notices" in said for step in steps(said, given)]
    assert len(about_notices) >= 5
    assert asked.scans() == []
    assert [step for step in about_notices if step.startswith("SCAN notices")] == []


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("reject", "publish", "That has changed since: the comment is online."),
        ("publish", "reject", "That has changed since: readers no longer see the comment."),
    ],
)
def test_the_page_says_when_the_answer_no_longer_holds(
    api: Caller, published: str, client: FlaskClient, first: str, then: str, said: str
) -> None:
    path = give(api)["path"]
    decide(api, published, first)
    before = client.get(path).text
    decide(api, published, then)

    after = client.get(path).text

    (told,) = [event["data"]["notice"]["text"] for event in heard(api) if event["type"] == "notice.decided"]
    assert said in after
    assert "changed since" not in before and "changed since" not in told


def test_a_notice_that_was_dismissed_led_to_no_later_decision(api: Caller, published: str) -> None:
    give(api)
    decide(api, published, "publish")
    decide(api, published, "reject")

    rejected = [event["data"]["decision"] for event in heard(api) if "decision" in event["data"]][-1]

    assert found_by(api, rejected) == "own_initiative"


def found_by(api: Caller, decision: dict[str, Any]) -> str:
    said = api.get(f"/v1/decisions/{decision['id']}/statement").json
    assert said is not None
    return str(said["found_by"])

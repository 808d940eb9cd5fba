"""A notice never takes a comment offline unread, whoever gives it, however often, under however many names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.wording import sentences
from moderation.judging.policy.default import default_policy
from moderation.law.notices import places
from moderation.law.notices.giving import MOST_ON_COMMENT
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from moderation.sites.settings.eu_terms import CATEGORIES
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

WHY = "§ 130 StGB: it calls for violence."
TOXICITY_LIMIT = min(
    condition.limit
    for rule in default_policy().rules
    for condition in rule.conditions
    if condition.signal == "toxicity"
)
OTHER_GROUNDS = "Kreditschädigung: die Zahlen sind frei erfunden."

Publish = Callable[..., list[str]]


@pytest.fixture
def publish(api: Caller, database: Database, site: NewSite) -> Publish:
    def publish(count: int, *, articles: int = 1, toxicity: float = 0.1) -> list[str]:
        """The ids of so many published comments."""
        ids = [f"c-{number}" for number in range(count)]
        for number, id in enumerate(ids):
            article = {"id": f"a-{number % articles}"}
            api.post("/v1/comments", a_body(f"A quiet word, number {id}.", id=id, article=article))
            settle(database, site.site.id, id, toxicity=toxicity)
        return ids

    return publish


@pytest.fixture
def flagger(client: FlaskClient, database: Database, site: NewSite) -> Caller:
    scopes = [Scope.TRUSTED_FLAGGER]
    made = keys.create_key(database, site.site.id, name="Hotline", scopes=scopes, by=OPERATOR, now=utc_now())
    return Caller(client, made.token)


def give(api: Caller, id: str, *, email: str = "x@x.example", why: str = WHY, **more: Any) -> Any:
    body = {"comment_id": id, "explanation": why, "good_faith": True, "name": "X", "email": email, **more}
    return api.post("/v1/notices", body)


def decide(api: Caller, id: str, action: str) -> None:
    version = api.get(f"/v1/comments/{id}").json["version"]  # type: ignore[index]
    response = api.post(f"/v1/comments/{id}/decisions", {"action": action, "version": version})
    assert response.status_code == 201, response.json


def online(api: Caller, ids: list[str]) -> int:
    return sum(api.get(f"/v1/comments/{id}").json["status"] == "published" for id in ids)  # type: ignore[index]


def queued(database: Database) -> list[str]:
    """The ids of the noticed comments that are online, as the queue has them: the first first."""
    query = "SELECT external_id FROM comments WHERE noticed_at IS NOT NULL ORDER BY priority DESC, id DESC"
    with database.read() as conn:
        return list(conn.exec_driver_sql(query).scalars())


def kinds(api: Caller) -> list[str]:
    return [event["type"] for event in api.get("/v1/events?limit=500").json["events"]]  # type: ignore[index]


def test_a_stranger_takes_no_comment_of_twenty_offline(api: Caller, publish: Publish, database: Database) -> None:
    ids = publish(20)

    answers = [give(api, id).status_code for id in ids]

    assert answers == [201] * 20
    assert online(api, ids) == 20
    assert set(queued(database)) == set(ids)
    assert "comment.flagged" not in kinds(api)


def test_what_a_person_dismissed_is_not_asked_again_word_for_word(
    api: Caller, publish: Publish, database: Database, client: FlaskClient
) -> None:
    (id,) = publish(1)
    first = give(api, id).json
    decide(api, id, "publish")

    again = give(api, id, why=OTHER_GROUNDS)
    other = give(api, id, email="y@x.example", why=WHY.upper().replace(" ", "  "))

    assert (again.status_code, again.json["id"], again.json["status"]) == (200, first["id"], "dismissed")
    assert (other.status_code, other.json["status"]) == (201, "dismissed")
    assert (online(api, [id]), queued(database)) == (1, [])
    page = client.get(other.json["path"]).text
    assert "after another notice on the same grounds" in page and "No software decides" not in page


def test_new_grounds_of_another_notifier_are_read_until_three_people_dismissed_them(
    api: Caller, publish: Publish, database: Database
) -> None:
    ids = publish(2)
    at = []
    for number, why in enumerate((WHY, OTHER_GROUNDS, "It names where I live.", "Copied from my book, page 7.")):
        give(api, ids[1], email=f"y{number}@x.example")
        give(api, ids[0], email=f"x{number}@x.example", why=why)
        at.append(queued(database).index(ids[0]) if len(queued(database)) == 2 else None)
        if number < 3:
            decide(api, ids[0], "publish")

    assert at[3] == 1
    assert online(api, ids) == 2


@ON_BOTH
def test_an_edited_text_is_another_text(api: Caller, publish: Publish, database: Database, site: NewSite) -> None:
    (id,) = publish(1)
    give(api, id)
    decide(api, id, "publish")
    api.patch(f"/v1/comments/{id}", {"text": "Throw them all into the sea."})
    settle(database, site.site.id, id)

    again = give(api, id)

    assert (again.status_code, again.json["status"]) == (201, "open")
    assert queued(database) == [id]


def test_the_letter_about_a_repeat_says_when_the_answer_no_longer_holds(
    api: Caller, publish: Publish, client: FlaskClient
) -> None:
    (id,) = publish(1)
    give(api, id)
    decide(api, id, "publish")
    repeat = give(api, id, email="y@x.example").json

    decide(api, id, "reject")

    assert "That has changed since: readers no longer see the comment." in client.get(repeat["path"]).text


def test_a_flagger_has_one_notice_of_a_comment_and_takes_none_offline(
    api: Caller, flagger: Caller, publish: Publish, database: Database
) -> None:
    ids = publish(30)

    first = [give(flagger, id, email=f"{number}@hotline.example") for number, id in enumerate(ids)]
    more = [give(flagger, ids[0], email=f"m{number}@hotline.example", why=f"{number}") for number in range(20)]

    assert [answer.status_code for answer in first] == [201] * 30
    assert {(answer.status_code, answer.json["id"]) for answer in more} == {(200, first[0].json["id"])}
    assert online(api, ids) == 30
    assert len(queued(database)) == 30


def test_invented_names_give_no_more_notices_of_one_comment_than_a_person_reads(
    api: Caller, flagger: Caller, publish: Publish
) -> None:
    (id,) = publish(1)

    answers = [give(api, id, email=f"{n}@x.example", why=f"Law number {n}") for n in range(40)]
    trusted = give(flagger, id)

    assert [answer.status_code for answer in answers] == [201] * MOST_ON_COMMENT + [429] * (40 - MOST_ON_COMMENT)
    assert answers[-1].json["type"].endswith("too-many-notices")
    assert trusted.status_code == 201
    assert online(api, [id]) == 1


@pytest.mark.parametrize("email", ["X@X.example", "x+1@x.example", "\uff58@x.example"])
def test_one_mailbox_is_one_notifier(api: Caller, publish: Publish, email: str) -> None:
    (id,) = publish(1)
    first = give(api, id).json

    again = give(api, id, email=email, why=OTHER_GROUNDS)

    assert (again.status_code, again.json["id"]) == (200, first["id"])


@pytest.mark.parametrize("limit", ["FIRST_ON_ARTICLE", "FIRST_BY_KEY", "FIRST_AT_SITE"])
def test_beyond_the_bounds_a_notice_is_read_after_the_others(
    api: Caller, flagger: Caller, publish: Publish, database: Database, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, limit, 3)
    ids = publish(6, articles=1 if limit == "FIRST_ON_ARTICLE" else 6)
    for number, id in enumerate(ids[:5]):
        assert give(api, id, email=f"{number}@x.example").status_code == 201

    give(flagger, ids[5])

    found = queued(database)
    assert (found[0], set(found[1:4]), set(found[4:])) == (ids[5], set(ids[:3]), set(ids[3:5]))
    assert online(api, ids) == 6


def test_a_notifier_whose_notices_keep_being_dismissed_comes_after_the_others_and_is_told(
    api: Caller, publish: Publish, database: Database, client: FlaskClient
) -> None:
    ids = publish(6)
    for id in ids[:3]:
        give(api, id, email="bad@x.example")
        decide(api, id, "publish")

    last = give(api, ids[3], email="Bad+1@x.example").json
    give(api, ids[4], email="good@x.example")

    assert queued(database) == [ids[4], ids[3]]
    told = client.get(last["path"]).text
    assert "Several of your last notices were dismissed." in told and "Article 23" in told


def test_one_upheld_notice_outweighs_three_that_were_dismissed(
    api: Caller, publish: Publish, database: Database
) -> None:
    ids = publish(6)
    for id, action in zip(ids[:4], ("reject", "publish", "publish", "reject"), strict=True):
        give(api, id)
        decide(api, id, action)

    give(api, ids[4])
    give(api, ids[5], email="y@x.example")

    assert set(queued(database)) == {ids[4], ids[5]}
    with database.read() as conn:
        levels = conn.exec_driver_sql("SELECT priority > 50000 FROM comments WHERE noticed_at IS NOT NULL").scalars()
        assert [bool(level) for level in levels] == [True, True]


@pytest.fixture
def hiding(database: Database, site: NewSite) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), hide_noticed=True)


NEAR, FAR = 0.99 * TOXICITY_LIMIT, 0.5 * TOXICITY_LIMIT


@pytest.mark.usefixtures("hiding")
@pytest.mark.parametrize(
    ("category", "language", "provision"),
    [
        ("STATEMENT_CATEGORY_VIOLENCE", "de", "mutmaßlich rechtswidriger Inhalt: Gewalt"),
        ("STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", "en", "alleged illegal content"),
        *((category, "nl", "") for category in CATEGORIES),
    ],
)
def test_a_comment_that_a_notice_hid_rests_on_the_alleged_ground_alone(
    api: Caller, flagger: Caller, database: Database, site: NewSite, category: str, language: str, provision: str
) -> None:
    api.post("/v1/comments", a_body("A quiet word.", id="c-1", language=language))
    settle(database, site.site.id, "c-1")
    give(flagger, "c-1", category=category)

    decision = api.get("/v1/comments/c-1").json["decision"]  # type: ignore[index]
    said = api.get(f"/v1/decisions/{decision['id']}/statement").json

    assert said is not None
    ground = said["ground"]
    assert (said["restriction"], ground["kind"], ground["category"]) == ("held", "law", category)
    assert provision in ground["provision"] and "{" not in ground["provision"]
    assert ground["text"] == sentences.spoken(language)["statement_alleged_open"]


@pytest.mark.usefixtures("hiding")
def test_where_a_site_allows_it_a_flagger_hides_a_few_comments_and_no_more(
    api: Caller, flagger: Caller, publish: Publish, client: FlaskClient
) -> None:
    ids = publish(12, articles=12)

    receipts = [give(flagger, id).json for id in ids]

    assert online(api, ids) == 12 - places.HID_BY_NOTIFIER
    decision = api.get(f"/v1/comments/{ids[0]}").json["decision"]  # type: ignore[index]
    assert (decision["by"], decision["reasons"][0]["code"]) == ("system", "noticed")
    assert "Readers do not see it meanwhile." in client.get(receipts[0]["path"]).text
    assert "It stays online meanwhile." in client.get(receipts[-1]["path"]).text


@pytest.mark.usefixtures("hiding")
@pytest.mark.parametrize(("toxicity", "hidden"), [(NEAR, 1), (FAR, 0)])
def test_where_a_site_allows_it_a_strangers_notice_hides_only_what_comes_near_a_limit(
    api: Caller, publish: Publish, toxicity: float, hidden: int
) -> None:
    ids = publish(1, toxicity=toxicity)

    give(api, ids[0])

    assert online(api, ids) == 1 - hidden


@pytest.mark.usefixtures("hiding")
@pytest.mark.parametrize(("articles", "bound"), [(1, places.HID_ON_ARTICLE), (30, places.HID_AT_SITE)])
def test_strangers_hide_a_few_comments_an_hour_however_many_names_they_use(
    api: Caller, publish: Publish, articles: int, bound: int
) -> None:
    ids = publish(14, articles=articles, toxicity=NEAR)

    for number, id in enumerate(ids):
        give(api, id, email=f"{number}@x.example")

    assert online(api, ids) == 14 - bound


@pytest.mark.usefixtures("hiding")
def test_no_notice_hides_what_a_person_published(api: Caller, flagger: Caller, publish: Publish) -> None:
    (id,) = publish(1, toxicity=NEAR)
    give(api, id)
    decide(api, id, "publish")

    given = give(flagger, id, why=OTHER_GROUNDS)

    assert (given.json["status"], online(api, [id])) == ("open", 1)


def test_a_notice_of_a_comment_that_waits_holds_it_only_where_the_site_allows_it(
    api: Caller, flagger: Caller, database: Database, site: NewSite
) -> None:
    ids = [f"c-{number}" for number in range(4)]
    for number, id in enumerate(ids):
        if number == 2:
            sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), hide_noticed=True)
        api.post("/v1/comments", a_body(f"A quiet word, number {id}.", id=id))
        give(flagger if number % 2 else api, id)
        settle(database, site.site.id, id)

    states = [api.get(f"/v1/comments/{id}").json["status"] for id in ids]  # type: ignore[index]
    assert states == ["published", "published", "published", "flagged"]


def test_reports_that_flag_a_noticed_comment_are_no_notice_to_its_author(
    api: Caller, publish: Publish, database: Database
) -> None:
    (id,) = publish(1)
    give(api, id)

    for reader in range(3):
        api.post(f"/v1/comments/{id}/reports", {"reporter_id": f"r-{reader}", "reason": "insult"})

    decision = api.get(f"/v1/comments/{id}").json["decision"]  # type: ignore[index]
    said = api.get(f"/v1/decisions/{decision['id']}/statement").json
    assert said is not None
    assert (decision["reasons"][0]["code"], said["found_by"]) == ("reported", "report")
    assert queued(database) == []


def test_notices_by_the_thousand_cost_no_more_each(api: Caller, publish: Publish, database: Database) -> None:
    (id, *_rest) = publish(2)
    for number in range(MOST_ON_COMMENT):
        give(api, id, email=f"{number}@x.example", why=f"Law number {number}")

    with database.read() as conn:
        before = conn.exec_driver_sql("SELECT count(*) FROM notices").scalar_one()
    for number in range(50):
        give(api, id, email=f"more{number}@x.example", why=f"Act {number}")

    with database.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM notices").scalar_one() == before

"""Campaigns by the API: listed, read, decided at once and for the week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.signals import Signal
from moderation.judging.policy import verdicts
from moderation.judging.signals.campaign import CAMPAIGN
from moderation.judging.signals.scoring import Scoring
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.review import bulk
from moderation.pipeline.loading import looking_up
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement
from service.context import utc_now
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body
from tests.service.conftest import Caller

TEXT = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"
WARNING = f'This number is a scam: "{TEXT}"'
CIVIL = (Signal("toxicity", 0.1, "test"), Signal("relevance", 0.9, "test"), Signal("language.supported", 1.0, "test"))


class Wave:
    """Copies of one text, each by a reader of its own, decided as a worker does."""

    def __init__(self, api: Caller, database: Database, site: NewSite) -> None:
        self.api, self.database, self.site_id = api, database, site.site.id
        self.sent = 0

    def send(self, count: int = 1, *, text: str = TEXT) -> list[str]:
        return [self._one(text) for _ in range(count)]

    def _one(self, text: str) -> str:
        self.sent += 1
        id, now = f"copy-{self.sent}", utc_now()
        self.api.post("/v1/comments", a_body(text, id=id, author={"id": f"reader-{self.sent}"}))
        with self.database.read() as conn:
            comment = comments.get_comment(conn, self.site_id, id)
            (scored,) = looking_up.known_of(conn, loading.load_waiting(conn, [comment.id]), now=now)
        signals = (*CIVIL, CAMPAIGN.signal_of(scored))
        verdict = verdicts.decide(signals, scored.policy, scored.circumstances(now))
        settle(self.database, [Judgement(scored, Scoring(signals, {}, "en", 0.1), verdict)], now=now)
        return id

    def statuses(self, ids: list[str]) -> list[str]:
        return [self.api.get(f"/v1/comments/{id}").json["status"] for id in ids]  # type: ignore[index]


@pytest.fixture
def wave(api: Caller, database: Database, site: NewSite) -> Wave:
    return Wave(api, database, site)


def listed(api: Caller, **query: object) -> dict[str, Any]:
    answer = api.get("/v1/campaigns", query_string=query)
    assert answer.status_code == 200
    return cast(dict[str, Any], answer.json)


def only(api: Caller) -> dict[str, Any]:
    (campaign,) = listed(api)["campaigns"]
    return cast(dict[str, Any], campaign)


def test_a_campaign_is_listed_with_its_numbers_and_shows_the_copies_that_differ_most(api: Caller, wave: Wave) -> None:
    wave.send(4)
    wave.send(1, text=TEXT.replace("boat", "BOAT!!!"))

    campaign = only(api)

    assert {name: campaign[name] for name in ("copies", "authors", "published", "flagged", "treatment")} == {
        "copies": 5, "authors": 5, "published": 3, "flagged": 2, "treatment": None,
    }  # fmt: skip
    read = api.get(f"/v1/campaigns/{campaign['id']}").json
    assert read is not None and read["campaign"] == campaign
    assert sorted(sample["text"] for sample in read["samples"]) == sorted([TEXT, TEXT.replace("boat", "BOAT!!!")])


def test_one_call_rejects_waiting_and_published_copies_and_the_site_hears_of_each(api: Caller, wave: Wave) -> None:
    ids = wave.send(5)

    answer = api.post(f"/v1/campaigns/{only(api)['id']}/decisions", {"action": "reject", "reason": "spam"})

    assert answer.json is not None
    assert {name: answer.json[name] for name in ("decided", "left_out", "next")} == {
        "decided": 5, "left_out": 0, "next": None,
    }  # fmt: skip
    assert wave.statuses(ids) == ["rejected"] * 5
    decision = api.get(f"/v1/comments/{ids[0]}").json["decision"]  # type: ignore[index]
    assert (decision["by"], decision["reason"]) == ("api", "spam")
    heard = api.get("/v1/events?limit=500").json["events"]  # type: ignore[index]
    assert {e["data"]["comment"]["id"] for e in heard if e["type"] == "comment.rejected"} == set(ids)


def test_what_a_person_has_approved_stays_unless_the_call_overturns(api: Caller, wave: Wave) -> None:
    ids = wave.send(4)
    api.post(f"/v1/comments/{ids[3]}/decisions", {"action": "publish", "version": 2})
    path = f"/v1/campaigns/{only(api)['id']}/decisions"

    first = api.post(path, {"action": "reject"}).json
    assert first is not None and (first["decided"], first["left_out"]) == (3, 1)
    assert wave.statuses(ids) == ["rejected"] * 3 + ["published"]

    assert api.post(path, {"action": "reject", "overturn": True}).json["decided"] == 1  # type: ignore[index]
    assert wave.statuses(ids) == ["rejected"] * 4


@ON_BOTH
@pytest.mark.parametrize(("asked", "then", "left_out"), [({}, "flagged", 1), ({"mentions": True}, "rejected", 0)])
def test_who_warns_of_a_campaign_is_not_rejected_with_it_unless_the_call_asks(
    api: Caller, wave: Wave, asked: dict[str, bool], then: str, left_out: int
) -> None:
    copies, warning = wave.send(5), wave.send(1, text=WARNING)

    path = f"/v1/campaigns/{only(api)['id']}/decisions"
    made = api.post(path, {"action": "reject", **asked}).json

    assert made is not None and (made["decided"], made["left_out"]) == (6 - left_out, left_out)
    assert wave.statuses(copies + warning) == ["rejected"] * 5 + [then]


def samples(api: Caller) -> list[dict[str, Any]]:
    read = api.get(f"/v1/campaigns/{only(api)['id']}").json
    assert read is not None
    return [{"id": sample["id"], "version": sample["version"]} for sample in read["samples"]]


@ON_BOTH
def test_a_call_names_what_was_read_and_may_go_on(api: Caller, wave: Wave, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bulk, campaign_review):
        monkeypatch.setattr(module, "MAX_BATCH", 2)
    ids = wave.send(3)
    (sample,) = samples(api)
    path = f"/v1/campaigns/{only(api)['id']}/decisions"

    first = api.post(path, {"action": "reject", "seen": [sample]}).json
    assert first is not None and first["decided"] == 2
    last = api.post(path, {"action": "reject", "seen": [sample], "after": first["next"]}).json

    assert last is not None and (last["decided"], last["next"]) == (1, None)
    assert wave.statuses(ids) == ["rejected"] * 3
    again = api.post(path, {"action": "reject", "seen": [sample]})
    assert again.status_code == 409


@pytest.mark.parametrize(("method", "path"), [("post", "decisions"), ("put", "treatment")])
def test_what_was_read_must_be_comments_of_the_campaign_as_they_are(
    api: Caller, wave: Wave, method: str, path: str
) -> None:
    wave.send(4)
    api.post("/v1/comments", a_body("Another thing.", id="stranger", author={"id": "reader-9"}))
    (sample,) = samples(api)

    def call(*seen: dict[str, Any]) -> Any:
        return getattr(api, method)(f"/v1/campaigns/{only(api)['id']}/{path}", {"action": "reject", "seen": list(seen)})

    wrong = [call(sample, {"id": "stranger", "version": 1}), call({"id": "none", "version": 1}), call()]
    assert [answer.status_code for answer in wrong] == [422] * 3
    fields = [[problem["field"] for problem in answer.json["errors"]] for answer in wrong]
    assert fields == [["seen[1].id"], ["seen[0].id"], ["seen"]]
    assert call({**sample, "version": sample["version"] + 1}).status_code == 409
    assert call(sample).status_code == 200


@ON_BOTH
def test_a_large_campaign_is_decided_call_by_call_and_later_copies_are_left_alone(
    api: Caller, wave: Wave, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (bulk, campaign_review):
        monkeypatch.setattr(module, "MAX_BATCH", 2)
    ids = wave.send(3)
    path = f"/v1/campaigns/{only(api)['id']}/decisions"

    first = api.post(path, {"action": "reject"}).json
    late = wave.send(1)
    assert first is not None and first["decided"] == 2
    last = api.post(path, {"action": "reject", "after": first["next"]}).json

    assert last is not None and (last["decided"], last["next"], last["batch_id"]) == (1, None, first["batch_id"])
    assert wave.statuses(ids + late) == ["rejected"] * 3 + ["flagged"]


@pytest.mark.parametrize(("action", "then"), [("reject", "rejected"), ("flag", "flagged"), ("publish", "published")])
def test_a_treatment_holds_for_what_comes_until_it_is_ended(api: Caller, wave: Wave, action: str, then: str) -> None:
    wave.send(5)
    path = f"/v1/campaigns/{only(api)['id']}/treatment"
    treated = api.put(path, {"action": action}).json

    assert treated is not None and treated["treatment"]["action"] == action
    assert treated["treatment"]["by"] == "the site"
    until = datetime.fromisoformat(treated["treatment"]["until"])
    assert timedelta(days=6) < until - utc_now() <= timedelta(days=7)
    assert wave.statuses(wave.send(1)) == [then]
    for _again in range(2):
        assert api.delete(path).json["treatment"] is None  # type: ignore[index]
    assert wave.statuses(wave.send(1)) == ["flagged"]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("post", "decisions", {"action": "flag"}, "action"),
        ("post", "decisions", {"action": "reject", "after": "nonsense"}, "after"),
        ("post", "decisions", {"action": "reject", "mentions": "yes"}, "mentions"),
        ("post", "decisions", {"action": "reject", "surprise": 1}, "surprise"),
        ("put", "treatment", {"action": "delete"}, "action"),
        ("put", "treatment", {"action": "flag", "reason": "spam"}, "reason"),
    ],
)
def test_a_wrong_body_names_its_field(
    api: Caller, wave: Wave, method: str, path: str, body: dict[str, object], field: str
) -> None:
    wave.send(3)

    answer = getattr(api, method)(f"/v1/campaigns/{only(api)['id']}/{path}", body)

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json["errors"]] == [field]


@pytest.mark.parametrize("after", ["nonsense", "2026-01-01T00:00:00~x", "2026-01-01T00:00:00+00:00~x"])
def test_a_cursor_that_is_none_is_refused(api: Caller, after: str) -> None:
    assert api.get("/v1/campaigns", query_string={"after": after}).status_code == 422


def test_pages_follow_each_other(api: Caller, wave: Wave) -> None:
    wave.send(3)
    wave.send(3, text="Congratulations to the whole team of the library for thirty years of patience with us readers")

    first = listed(api, limit=1)
    second = listed(api, limit=1, after=first["next"])

    assert first["campaigns"] != second["campaigns"]
    assert (len(second["campaigns"]), second["next"]) == (1, None)

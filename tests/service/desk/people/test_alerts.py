"""Alerts at the desk: a lead adds, tests and removes them, with a real receiver on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from moderation.ground.errors import InvalidInput
from moderation.operations.alerts import choosing, messages, rows, wording
from moderation.operations.alerts.values import AlertKind, AlertWish, Channel, Target
from moderation.sites import webhook_rows
from moderation.sites.audit import actors
from moderation.sites.audit import rows as audit_entries
from service.desk.people.alerts import CHANNELS, KINDS
from tests.receivers import Receiver
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def dora(browser: Callable[[], Browser]) -> Browser:
    return browser().log_in("Dora")


def targets(cast: Cast) -> list[Target]:
    with cast.database.read() as conn:
        return rows.targets(conn, cast.herald.id)


def test_a_lead_adds_alerts_and_no_page_shows_the_address_whole(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/alerts", site=cast.herald.id)
    assert "Nobody gets alerts yet." in page.text

    page = page.press("Add", channel="slack", address="https://hooks.slack.com/services/T0/B0/s3cr3t")

    (target,) = targets(cast)
    assert target.wish == AlertWish(Channel.SLACK, "https://hooks.slack.com/services/T0/B0/s3cr3t")
    assert "hooks.slack.com" in page.text and "s3cr3t" not in page.text
    assert "s3cr3t" not in ben.get("/desk/audit", site=cast.herald.id).text
    assert "Ben added alerts to hooks.slack.com" in ben.get("/desk/audit", site=cast.herald.id).text
    page.press("Remove alerts")
    assert targets(cast) == []


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"address": "ftp://hooks.slack.com/"}, "http"),
        ({"channel": "mail", "address": "ana@herald.example, eve@evil.example"}, "is not an e-mail address"),
        ({"zone": "Europe/Nowhere"}, "is not the name of a time zone"),
        ({"quiet_from": "22"}, "needs a beginning and an end"),
        ({"queue_size": "0"}, "must be a whole number from 1 to"),
    ],
)
def test_a_wrong_field_is_named(cast: Cast, ben: Browser, typed: dict[str, str], problem: str) -> None:
    page = ben.get("/desk/alerts", site=cast.herald.id)

    refused = page.press("Add", **{"channel": "slack", "address": "https://hooks.slack.com/x", **typed})

    assert problem in refused.text
    assert targets(cast) == []


@pytest.mark.parametrize("address", ["http://127.0.0.1/hook", "http://169.254.169.254/latest", "https://db.internal/"])
def test_no_alert_goes_into_a_private_network_unless_the_operator_allows(cast: Cast, address: str) -> None:
    lead, wish = actors.person(cast.moderator("Ben")), AlertWish(Channel.TEAMS, address)

    with pytest.raises(InvalidInput, match="address"):
        choosing.add(cast.database, cast.herald.id, wish, by=lead, private_webhooks=False, now=cast.now)

    assert choosing.add(cast.database, cast.herald.id, wish, by=lead, private_webhooks=True, now=cast.now)


def test_a_failing_webhook_is_shown_to_a_lead_and_its_events_to_an_admin(
    cast: Cast, ben: Browser, browser: Callable[[], Browser]
) -> None:
    with cast.database.write() as conn:
        webhook_rows.note(conn, cast.herald.id, "the site answered 500", now=cast.now)

    shown_to_lead = ben.get("/desk/alerts", site=cast.herald.id)

    assert "the site answered 500" in shown_to_lead.text
    assert "An admin of the site can send the events again." in shown_to_lead.text
    assert "/desk/failed" not in str(shown_to_lead.html)
    shown_to_admin = browser().log_in("Dora").get("/desk/alerts", site=cast.herald.id)
    assert f"/desk/failed?site={cast.herald.id}" in str(shown_to_admin.html)


def test_a_test_reaches_the_target_and_a_refusal_is_shown(cast: Cast, ben: Browser, receiver: Receiver) -> None:
    with cast.database.write() as conn:
        rows.insert_target(conn, cast.herald.id, AlertWish(Channel.SLACK, receiver.url), now=cast.now)
    page = ben.get("/desk/alerts", site=cast.herald.id)

    shown = page.press("Send a test")
    receiver.status = 410
    refused = page.press("Send a test")

    with cast.database.read() as conn:
        (entry, *_) = audit_entries.entries(conn, cast.herald.id, before=None, limit=1)
    assert (entry.action, entry.actor_name) == ("alert.tested", "Ben")
    assert "The test was sent." in shown.text
    assert "The test was not sent: the site answered 410" in refused.text
    assert [event["text"].splitlines()[1] for event in receiver.events] == [wording.TEST["en"]] * 2


def test_only_leads_of_the_site_open_the_page(cast: Cast, ana: Browser, carla: Browser) -> None:
    for somebody in (ana, carla):
        answer = somebody.client.post("/desk/alerts", data={"site": cast.herald.id}, headers=SAME_ORIGIN)
        assert answer.status_code in (403, 404)


def test_every_kind_and_channel_has_words_and_a_page(cast: Cast, dora: Browser) -> None:
    assert set(KINDS) == set(AlertKind) == set(messages.PATHS)
    assert set(CHANNELS) == set(Channel)
    for path in set(messages.PATHS.values()):
        assert dora.client.get(path, query_string={"site": cast.herald.id}).status_code == 200

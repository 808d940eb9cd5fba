"""Alerts to real receivers on loopback: HTTP servers, and aiosmtpd for mail."""

from __future__ import annotations

import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailBox
from aiosmtpd.smtp import AuthResult, LoginPassword
from prometheus_client import REGISTRY

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.statuses import Action
from moderation.ground.webhooks.sending import NotSent, Sender
from moderation.law.notices import giving
from moderation.law.notices.values import NewNotice
from moderation.moderators.queue.surges import ARTICLE_FROM
from moderation.operations.alerts import looking, messages, rows, wording
from moderation.operations.alerts.mailing import Mailer
from moderation.operations.alerts.messages import AlertMessage, MessageLine
from moderation.operations.alerts.sending import Alerter
from moderation.operations.alerts.tables import alerts as alerts_table
from moderation.operations.alerts.values import Alert, AlertKind, AlertWish, Channel
from moderation.sites import webhook_rows
from moderation.sites.audit.actors import SYSTEM, Actor
from moderation.sites.audit.writing import note
from moderation.sites.rows import Site
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.tables import second_readers
from moderation.sites.second_readers.values import ReaderWish
from moderation.spine.comments.tables import comments
from moderation.spine.events.tables import events
from tests.builders import NOON, OPERATOR
from tests.conftest import free_port
from tests.moderation.conftest import Newsroom
from tests.moderation.law.statements.test_exporting import settled
from tests.receivers import Receiver

RETRY = (timedelta(seconds=10), timedelta(minutes=30))
HOSTILE = "<!channel> @all [x](http://evil.example) <b>\r\nBcc: eve@evil.example\u202e"


class Box(MailBox):
    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.letters.append(message)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, server.port
    server.stop()


def target(database: Database, site: Site, wish: AlertWish, *, now: datetime = NOON) -> str:
    with database.write() as conn:
        return rows.insert_target(conn, site.id, wish, now=now)


def store(database: Database, target_id: str, *new: Alert, now: datetime = NOON) -> int:
    with database.write() as conn:
        return sum(rows.insert_alert(conn, target_id, alert, now=now) for alert in new)


def alerter(database: Database, mailer: Mailer | None = None) -> Alerter:
    return Alerter(database, Sender(5.0, allow_private=True), mailer or Mailer("", ""), "https://gavel.example")


def tell(database: Database, site: Site, now: datetime, mailer: Mailer | None = None) -> None:
    alerter(database, mailer).tell(site, now=now, until=time.monotonic() + 60, retry_after=RETRY)


def a_threat() -> Alert:
    return Alert(AlertKind.THREAT, new_id())


def test_several_alerts_of_a_kind_become_one_message(database: Database, site: Site, receiver: Receiver) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, receiver.url))
    store(database, target_id, a_threat(), a_threat(), a_threat())

    tell(database, site, NOON)

    (message,) = receiver.events
    assert "Comments held for a threat: 3" in message["text"]
    assert f"<https://gavel.example/desk/review?site={site.id}|Open the desk>" in message["text"]


@pytest.mark.parametrize(("seconds", "sent"), [(599, 1), (600, 2)])
def test_a_target_gets_one_message_in_its_pause(
    database: Database, site: Site, receiver: Receiver, seconds: int, sent: int
) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, receiver.url, pause_minutes=10))
    store(database, target_id, a_threat())
    tell(database, site, NOON)
    store(database, target_id, a_threat(), a_threat())

    tell(database, site, NOON + timedelta(seconds=seconds))

    assert len(receiver.got) == sent


def test_the_same_comment_alerts_once(database: Database, site: Site, receiver: Receiver) -> None:
    target_id, threat = target(database, site, AlertWish(Channel.SLACK, receiver.url)), a_threat()

    assert [store(database, target_id, threat) for _ in range(3)] == [1, 0, 0]


def test_a_message_that_left_with_a_dead_process_is_not_sent_again(
    database: Database, site: Site, receiver: Receiver
) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, receiver.url))
    store(database, target_id, a_threat())
    with database.write() as conn:
        assert len(rows.take(conn, target_id, new_id())) == 1  # and here the process is killed

    tell(database, site, NOON + timedelta(days=1))

    assert receiver.got == []


def test_a_refused_message_is_retried_and_given_up(database: Database, site: Site, receiver: Receiver) -> None:
    receiver.status = 500
    target_id = target(database, site, AlertWish(Channel.TEAMS, receiver.url, pause_minutes=1))
    store(database, target_id, a_threat())

    for minutes in range(0, 300, 1):
        tell(database, site, NOON + timedelta(minutes=minutes))

    assert len(receiver.got) == 1 + len(RETRY)
    with database.read() as conn:
        assert rows.get_target(conn, site.id, target_id).last_error == "the site answered 500"


def test_a_queue_that_crosses_its_limit_again_and_again_alerts_once(
    database: Database, site: Site, newsroom: Newsroom
) -> None:
    wish = AlertWish(Channel.SLACK, "https://x.example/", kinds=(AlertKind.QUEUE_SIZE,), queue_size=1)
    target(database, site, wish)
    ids = [newsroom.send(id=f"c-{n}").id for n in range(3)]
    stored = []

    for minute in range(6 * 60 + 1):
        status = "flagged" if minute % 2 == 0 else "rejected"
        with database.write() as conn:
            conn.execute(comments.update().where(comments.c.id.in_(ids)).values(status=status))
        stored.append(looking.look(database, NOON + timedelta(minutes=minute)))

    assert [minute for minute, count in enumerate(stored) if count] == [0, 360]


def test_looks_see_threats_and_an_old_queue(database: Database, site: Site, newsroom: Newsroom) -> None:
    wish = AlertWish(Channel.SLACK, "https://x.example/", queue_hours=24)
    target_id = target(database, site, wish, now=NOON - timedelta(hours=30))
    comment = newsroom.send(id="c-1")
    with database.write() as conn:
        held = {"status": "flagged", "flagged_for": "threat", "received_at": NOON - timedelta(hours=25)}
        conn.execute(comments.update().where(comments.c.id == comment.id).values(**held))

    looking.look(database, NOON)

    with database.read() as conn:
        kinds = set(conn.execute(sa.select(alerts_table.c.kind).where(alerts_table.c.target_id == target_id)).scalars())
    assert kinds == {"threat", "queue_age"}


def kinds_seen(database: Database, target_id: str, now: datetime) -> list[str]:
    looking.look(database, now)
    query = sa.select(alerts_table.c.kind).where(alerts_table.c.target_id == target_id).order_by(alerts_table.c.kind)
    with database.read() as conn:
        return list(conn.execute(query).scalars())


def test_a_look_sees_notices_of_flaggers_alone(database: Database, site: Site, newsroom: Newsroom) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, "https://x.example/", kinds=(AlertKind.FLAGGER,)))
    for number, flagger in enumerate([None, "Hotline", "Hotline"]):
        newsroom.send(f"Throw them out, {number}.", id=f"c-{number}")
        settled(database, site.id, f"c-{number}", Action.PUBLISH, "insult")
        new = NewNotice(f"c-{number}", "§ 130 StGB", "Karl", f"k{number}@mail.example", flagger=flagger)
        giving.give(database, site.id, new, by=SYSTEM, now=NOON)

    assert kinds_seen(database, target_id, NOON) == ["flagger", "flagger"]
    assert kinds_seen(database, target_id, NOON + timedelta(minutes=1)) == ["flagger", "flagger"]


@pytest.mark.parametrize(("at_another_site", "kinds"), [(False, ["promise"]), (True, [])])
def test_a_look_sees_a_house_model_that_was_put_back(
    database: Database, site: Site, other_site: Site, at_another_site: bool, kinds: list[str]
) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, "https://x.example/"), now=NOON - timedelta(hours=1))
    with database.write() as conn:
        place = other_site if at_another_site else site
        note(conn, SYSTEM, "model.put_back", site_id=place.id, subject="7", now=NOON)

    assert kinds_seen(database, target_id, NOON) == kinds


@pytest.mark.parametrize(("by", "kinds"), [(SYSTEM, ["second_reader"]), (OPERATOR, [])])
def test_a_look_sees_a_second_reader_that_was_put_back_by_itself(
    database: Database, site: Site, by: Actor, kinds: list[str]
) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, "https://x.example/"), now=NOON - timedelta(hours=1))
    with database.write() as conn:
        note(conn, by, "second_reader.moved", site_id=site.id, subject="Llama", after={"state": "shadow"}, now=NOON)

    assert kinds_seen(database, target_id, NOON) == kinds


@pytest.mark.parametrize(
    ("state", "failures", "kinds"),
    [("on", 5, []), ("on", 6, ["second_reader"]), ("shadow", 9, ["second_reader"]), ("off", 9, [])],
)
def test_a_look_sees_a_second_reader_that_does_not_answer_once_while_it_lasts(
    database: Database, site: Site, state: str, failures: int, kinds: list[str]
) -> None:
    wish = ReaderWish("Llama", "chat", "https://models.example/v1", "llama-3", masked=True)
    connecting.connect(database, site.id, wish, contracts=("chat",), private_addresses=False, by=OPERATOR, now=NOON)
    with database.write() as conn:
        conn.execute(second_readers.update().values(state=state, failures=failures))
    target_id = target(database, site, AlertWish(Channel.SLACK, "https://x.example/"))

    assert kinds_seen(database, target_id, NOON) == kinds
    assert kinds_seen(database, target_id, NOON + timedelta(minutes=5)) == kinds


@pytest.mark.parametrize(("attempts", "kinds"), [(1, []), (2, ["webhook"])])
def test_a_look_sees_the_second_failure_of_a_webhook(
    database: Database, site: Site, newsroom: Newsroom, attempts: int, kinds: list[str]
) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, "https://x.example/"))
    newsroom.send(id="c-1")
    settled(database, site.id, "c-1", Action.PUBLISH, "insult")
    with database.write() as conn:
        assert conn.execute(events.update().values(attempts=attempts)).rowcount > 0
        webhook_rows.note(conn, site.id, "the site answered 500", now=NOON)

    assert kinds_seen(database, target_id, NOON) == kinds


def test_a_look_sees_a_surge_once_while_it_lasts(database: Database, site: Site, newsroom: Newsroom) -> None:
    target_id = target(database, site, AlertWish(Channel.SLACK, "https://x.example/", kinds=(AlertKind.SURGE,)))
    for number in range(ARTICLE_FROM):
        newsroom.send(f"One {number}.", id=f"c-{number}", author_id=f"u-{number}")

    assert kinds_seen(database, target_id, NOON) == ["surge"]
    assert kinds_seen(database, target_id, NOON + timedelta(minutes=5)) == ["surge"]


@pytest.mark.parametrize("shows_text", [False, True])
@pytest.mark.parametrize("channel", list(Channel))
def test_no_text_leaves_unless_the_lead_chose_it(
    database: Database,
    site: Site,
    newsroom: Newsroom,
    receiver: Receiver,
    box: tuple[Box, int],
    channel: Channel,
    shows_text: bool,
) -> None:
    letters, port = box
    address = "ana@herald.example" if channel is Channel.MAIL else receiver.url
    comment = newsroom.send("The secret words of a reader", id="c-1")
    target_id = target(database, site, AlertWish(channel, address, shows_text=shows_text))
    store(database, target_id, *(Alert(kind, comment.id) for kind in AlertKind))

    tell(database, site, NOON, Mailer("127.0.0.1", "gavel@herald.example", port, "none"))

    sent = [body.decode() for _, body in receiver.got] + [str(letter) for letter in letters.letters]
    assert len(sent) == 1
    assert ("secret words" in sent[0]) is shows_text


ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 1, 5, 20, 59, tzinfo=UTC), None),
        (datetime(2026, 1, 5, 21, 0, tzinfo=UTC), datetime(2026, 1, 6, 6, tzinfo=UTC)),
        (datetime(2026, 1, 6, 5, 59, tzinfo=UTC), datetime(2026, 1, 6, 6, tzinfo=UTC)),
        (datetime(2026, 1, 6, 6, 0, tzinfo=UTC), None),
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),  # the short night
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),  # and the long one
    ],
)
def test_quiet_hours_pass_midnight_and_the_change_of_clocks(now: datetime, end: datetime | None) -> None:
    wish = AlertWish(Channel.SLACK, "https://x.example/", zone=ZONE, quiet_from=22, quiet_until=7)

    assert wish.quiet_end(now) == end


@pytest.mark.parametrize(("hours", "end"), [((2, 3), 1), ((1, 2), 1)])
def test_quiet_hours_that_the_clock_skips_end_when_it_goes_on(hours: tuple[int, int], end: int) -> None:
    wish = AlertWish(Channel.SLACK, "https://x.example/", zone=ZONE, quiet_from=hours[0], quiet_until=hours[1])
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30; at 02:00 it becomes 03:00

    assert wish.quiet_end(now) == (datetime(2026, 3, 29, end, tzinfo=UTC) if hours == (1, 2) else None)


def test_alerts_of_quiet_hours_arrive_together_afterwards(database: Database, site: Site, receiver: Receiver) -> None:
    wish = AlertWish(Channel.MATTERMOST, receiver.url, quiet_from=11, quiet_until=14)
    target_id = target(database, site, wish)
    store(database, target_id, a_threat())
    tell(database, site, NOON)
    store(database, target_id, a_threat())
    assert receiver.got == []

    tell(database, site, NOON.replace(hour=14))

    (message,) = receiver.events
    assert "threat: 2" in message["text"]


def hostile(channel: Channel) -> Any:
    alert = Alert(AlertKind.SURGE, "article:1", {"title": HOSTILE})
    message = messages.of_alerts(
        [alert], site_id="s", site=HOSTILE, language="en", public_url="https://gavel.example", texts={}
    )
    return json.loads(messages.body(message, channel))


def test_a_hostile_name_mentions_nobody() -> None:
    slack, mattermost = (hostile(channel)["text"] for channel in (Channel.SLACK, Channel.MATTERMOST))
    teams = hostile(Channel.TEAMS)

    assert "<!channel>" not in slack and "&lt;!channel&gt;" in slack
    assert "@all" not in mattermost and "<!" not in mattermost and "](http://" not in mattermost
    blocks = teams["attachments"][0]["content"]["body"]
    assert {block["type"] for block in blocks} == {"RichTextBlock"}
    assert "\u202e" not in slack + mattermost + json.dumps(teams, ensure_ascii=False)


def test_a_hostile_name_adds_no_header_to_a_mail(box: tuple[Box, int]) -> None:
    letters, port = box
    message = AlertMessage(messages.plain(HOSTILE), (MessageLine(messages.plain(HOSTILE)),), "Open")
    letter = messages.mail(message, sender="gavel@herald.example", to="ana@herald.example", message_id=new_id())

    Mailer("127.0.0.1", "gavel@herald.example", port, "none").send(letter)

    (arrived,) = letters.letters
    assert arrived["Bcc"] is None and arrived.get_content_type() == "text/plain"
    assert "Bcc: eve" in arrived["Subject"]


def test_every_language_has_every_sentence() -> None:
    for language in wording.TITLE:
        assert set(wording.LINES[language]) == set(AlertKind)
        assert language in wording.TEST and language in wording.OPEN


def test_a_failing_mail_server_says_no_password(database: Database, site: Site) -> None:
    mailer = Mailer("127.0.0.1", "gavel@herald.example", 1, "none", "gavel", "hunter2hunter2", 1.0)
    target_id = target(database, site, AlertWish(Channel.MAIL, "ana@herald.example"))
    store(database, target_id, a_threat())

    tell(database, site, NOON, mailer)

    with database.read() as conn:
        mine = rows.get_target(conn, site.id, target_id)
    assert mine.attempts == 1 and "hunter2" not in repr((mine, mailer, replace(mailer)))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *words.split(), *names], check=True, capture_output=True, timeout=60)
    return certificate, key


def log_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (b"gavel", b"right"), handled=False)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("password", "is_trusted", "problem"),
    [
        ("right", True, None),
        ("wrong", True, "the mail server refused the user or the password"),
        ("right", False, "the mail could not be sent (SSLCertVerificationError)"),
    ],
)
def test_mail_goes_encrypted_with_a_login_to_a_server_of_a_trusted_certificate(
    certificate: tuple[Path, Path], security: str, password: str, is_trusted: bool, problem: str | None
) -> None:
    box, port = Box(), free_port()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    tls: dict[str, Any] = (
        {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    )
    login: dict[str, Any] = {"authenticator": log_in, "auth_required": True, "auth_require_tls": security == "starttls"}
    server = Controller(box, hostname="127.0.0.1", port=port, **tls, **login)
    trusted = ssl.create_default_context(cafile=str(certificate[0])) if is_trusted else None
    mailer = Mailer("127.0.0.1", "gavel@herald.example", port, security, "gavel", password, context=trusted)
    message = AlertMessage("Comments", (MessageLine("A test"),), "Open")
    letter = messages.mail(message, sender="gavel@herald.example", to="ana@herald.example", message_id=new_id())

    server.start()
    try:
        outcome = None
        try:
            mailer.send(letter)
        except NotSent as e:
            outcome = str(e)
    finally:
        server.stop()

    assert outcome == problem
    assert len(box.letters) == (problem is None)


def test_each_alert_is_counted_by_its_kind_and_what_came_of_it(
    database: Database, site: Site, receiver: Receiver
) -> None:
    def counted(kind: str, outcome: str) -> float:
        return REGISTRY.get_sample_value("gavel_alerts_total", {"kind": kind, "outcome": outcome}) or 0.0

    labels = [("threat", "sent"), ("surge", "failed"), ("surge", "given_up"), ("surge", "sent")]
    before = [counted(*label) for label in labels]
    target_id = target(database, site, AlertWish(Channel.SLACK, receiver.url, pause_minutes=1))
    store(database, target_id, a_threat(), a_threat())
    tell(database, site, NOON)
    receiver.status = 500
    store(database, target_id, Alert(AlertKind.SURGE, "article:a-1", {"title": "Ferry"}, is_state=True))

    for hour in range(1, len(RETRY) + 2):
        tell(database, site, NOON + timedelta(hours=hour))

    assert [counted(*label) - was for label, was in zip(labels, before, strict=True)] == [2, len(RETRY), 1, 0]

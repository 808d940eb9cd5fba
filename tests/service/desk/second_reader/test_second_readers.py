"""Second readers at the desk: a lead connects one, tries it, replays decisions, and switches it on when that speaks
for it. Moderators read its proposals, and never before a blind judgement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import generate_latest

from moderation.ground.values.statuses import Action
from moderation.insight.checks import rows as checks
from moderation.moderators.authors import data_rows
from moderation.moderators.review import api_decisions
from moderation.pipeline.second_opinions import models, replaying
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.comments import rows as comments
from tests.builders import OPERATOR, a_check
from tests.moderation.conftest import Newsroom
from tests.moderation.pipeline.second_opinions.conftest import AWAY, BREAKS, FINE, Room, pass_trial
from tests.moderation.pipeline.second_opinions.test_models import serving
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

KEY = "sk-nobody-sees-this"


def connect(cast: Cast, ben: Browser, **fields: str) -> Page:
    page = ben.get("/desk/second-readers", site=cast.herald.id)
    typed = {"name": "Llama", "contract": "chat", "base_url": "http://127.0.0.1:9/v1", "model": "llama-3", "key": KEY}
    return page.press("Connect", **{**typed, "price_in": "1", "price_out": "4", **fields})


def reader_of(cast: Cast) -> SecondReader:
    with cast.database.read() as conn:
        (reader,) = readers.of_site(conn, cast.herald.id)
    return reader


def room_of(cast: Cast) -> Room:
    """The reader with answers that the test chooses, by a rule book of one rule."""
    rule = HouseRule("insults", "No insults", "Be kind.", reason="Insult or abuse")
    rule_book.put_rule(cast.database, cast.herald.id, rule, by=OPERATOR, now=cast.now)
    room = Room(Newsroom(cast.database, cast.queues, cast.herald), reader_of(cast))
    room.at = cast.now + timedelta(minutes=5)  # after the requests of the test
    return room


def decide(cast: Cast, count: int) -> None:
    """Of the comments, every third is rejected."""
    for number in range(count):
        comment = cast.flagged(text=f"{'calm' if number % 3 else 'angry'} words, number {number}")
        with cast.database.read() as conn:
            found = comments.get_by_id(conn, comment.id)
        action, reason = (Action.PUBLISH, None) if number % 3 else (Action.REJECT, "Other")
        api_decisions.rule(
            cast.database,
            cast.herald.id,
            found.external_id,
            action,
            version=found.version,
            reason=reason,
            now=cast.now,
        )


def test_a_lead_connects_one_and_nobody_sees_its_key(cast: Cast, ben: Browser) -> None:
    page = connect(cast, ben)

    assert page.heading() == "Llama"
    assert "Off: it reads nothing." in page.text
    assert "masked before it leaves" in page.text
    assert reader_of(cast).wish.key == KEY
    pages = [page, ben.get("/desk/second-readers", site=cast.herald.id), ben.get("/desk/audit", site=cast.herald.id)]
    assert all(KEY not in str(shown.html) for shown in pages)
    assert "Ben connected the second reader Llama at 127.0.0.1:9" in pages[2].text, pages[2].text[:600]


def test_its_key_is_on_no_page_and_in_no_log_or_export(
    cast: Cast, ben: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """The server repeats it when it refuses it, as some do."""
    caplog.set_level("DEBUG")
    with serving(401, f'{{"error": {{"message": "wrong key: {KEY}"}}}}'.encode()) as (url, came):
        page = connect(cast, ben, base_url=url)
        room = room_of(cast)
        room.state(ReaderState.ON)
        comment = cast.flagged(text="You pathetic little man, go home.")
        page = page.press("Try it on the last ten comments")
        ask = models.asks(private_addresses=True)
        room.replies = lambda question: ask(room.reader, question)
        assert room.read() == 2
    assert {headers["authorization"] for _path, headers, _body in came} == {f"Bearer {KEY}"}
    with cast.database.read() as conn:
        export = data_rows.opinions_on(conn, [comment.id])

    shown = [
        *(str(ben.get(path, site=cast.herald.id).html) for path in (page.path, "/desk/second-readers", "/desk/audit")),
        ben.get("/desk/audit.csv", site=cast.herald.id).response.text,
        str(export),
        caplog.text,
        repr(room.reader),
        generate_latest().decode(),
    ]
    assert "wrong key: …" in shown[0]
    assert [number for number, said in enumerate(shown) if KEY in said] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"base_url": "nowhere"}, "Address: must be an http or https URL"),
        ({"model": ""}, "Model: must neither be empty nor begin or end with a space"),
        ({"price_in": "free"}, "Euros for a million tokens read: must be a number"),
        ({"contract": "telepathy"}, "Kind of model: must be one of these"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_the_key_is_not_shown_again(
    cast: Cast, ben: Browser, fields: dict[str, str], said: str
) -> None:
    page = connect(cast, ben, **fields)

    assert page.status == 422
    assert said in page.text
    assert page.field_named("name") == "Llama"
    assert KEY not in str(page.html)


def test_moderators_of_this_and_other_sites_see_none_of_it(
    cast: Cast, ana: Browser, carla: Browser, ben: Browser
) -> None:
    connect(cast, ben)
    address = f"/desk/second-readers/{reader_of(cast).id}"

    assert ana.get("/desk/second-readers", site=cast.herald.id).status == 403
    assert ana.get(address, site=cast.herald.id).status == 403
    assert carla.get(address, site=cast.courier.id).status in (403, 404)


def test_it_is_tried_replayed_and_switched_on(cast: Cast, ben: Browser) -> None:
    page = connect(cast, ben)
    room = room_of(cast)
    decide(cast, 60)
    pass_trial(cast.database, reader_of(cast), cast.now)
    page = page.press("Put into the shadow")
    assert "In the shadow: it reads, and nothing follows." in page.text
    assert "Needs a replay on this site’s decisions that has ended." in page.text
    assert not page.has_button("Switch on")

    page = page.press("Try it on the last ten comments")
    assert "0 of 10 comments read" in page.text
    room.replies = lambda reading: ReaderReply(BREAKS if "angry" in reading.text else FINE)
    room.read()
    replaying.end_finished(cast.database, cast.herald.id, now=room.at)
    page = ben.get(page.path, site=cast.herald.id)
    assert page.region("What it said of the last comments").count("1. No insults : pathetic little man") == 3

    page = page.press("Replay", comments="60")
    room.read()
    replaying.end_finished(cast.database, cast.herald.id, now=room.at)
    page = ben.get(page.path, site=cast.herald.id)
    figures = page.region("Replay of 60 decisions")
    assert "Rejected by people, and held by it 20 / 20 100.0%" in figures
    assert "Published by people, and held by it 0 / 40 0.0%" in figures
    assert "€0.0084" in figures and "€0.14 for a thousand comments" in figures

    page = page.press("Switch on")
    assert "On: it may hold comments, propose rules and order the queue." in page.text
    assert reader_of(cast).state is ReaderState.ON
    assert "Ben switched the second reader Llama on." in ben.get("/desk/audit", site=cast.herald.id).text


def test_the_page_says_that_it_does_not_answer(cast: Cast, ben: Browser) -> None:
    page = connect(cast, ben)
    room = room_of(cast)
    room.state(ReaderState.SHADOW)
    room.says(AWAY)
    for _ in range(3):
        cast.flagged()
    room.read()

    assert "It does not answer, and is asked again on" in ben.get(page.path, site=cast.herald.id).text


def test_a_trial_is_run_and_says_why_the_reader_is_refused(cast: Cast, ben: Browser) -> None:
    page = connect(cast, ben).press("Put it to the trial")
    assert "Trial: 0 of 310 questions answered" in page.text
    assert not page.has_button("Put it to the trial")
    page = page.press("Stop the trial")
    assert "Needs a trial that has ended." in page.region("Before it can be switched on")

    pass_trial(cast.database, reader_of(cast), cast.now, says=lambda question: "pig" in question.text)
    page = ben.get(page.path, site=cast.herald.id)
    assert "Ignores the rules: it says the same of a comment" in page.region("Before it can be switched on")
    assert "Insults passed where the rules permit all" in page.region("Trial")

    pass_trial(cast.database, reader_of(cast), cast.now)
    page = ben.get(page.path, site=cast.herald.id)
    assert "trial" not in page.region("Before it can be switched on")
    assert "Plain insults held 20 / 20" in page.region("Trial")
    assert "Comments that give it orders, and got through 0 / 230" in page.region("Trial")
    assert "Ben began a trial of the second reader Llama" in ben.get("/desk/audit", site=cast.herald.id).text


def test_a_replay_can_be_stopped_and_the_page_says_how_far_it_is(cast: Cast, ben: Browser) -> None:
    page = connect(cast, ben)
    room_of(cast)
    decide(cast, 6)
    page = page.press("Replay", comments="6")

    progress = ben.get(f"{page.path}/progress", site=cast.herald.id)
    assert "0 of 6 comments read" in progress.text
    page = page.press("Stop")

    assert page.has_button("Replay")
    over = ben.get(f"{page.path}/progress", site=cast.herald.id)
    assert over.response.headers["HX-Refresh"] == "true"


def test_a_proposal_is_shown_as_one(cast: Cast, ana: Browser, ben: Browser) -> None:
    connect(cast, ben)
    room = room_of(cast)
    room.state(ReaderState.ON)
    room.says(BREAKS)
    comment = cast.flagged(text="You pathetic little man, go home.")
    assert "Second reader" not in ana.get(f"/desk/review/{comment.id}").text

    room.read()

    said = ana.get(f"/desk/review/{comment.id}").text
    assert "Second reader: Llama Proposes: 1. No insults , pathetic little man" in said
    assert "Reason for rejection: Insult or abuse" in said
    assert "A proposal of a language model. You decide." in said


def test_in_the_shadow_it_proposes_nothing(cast: Cast, ana: Browser, ben: Browser) -> None:
    connect(cast, ben)
    room = room_of(cast)
    room.state(ReaderState.SHADOW)
    room.says(BREAKS)
    comment = cast.flagged(text="You pathetic little man, go home.")

    room.read()

    assert "Second reader" not in ana.get(f"/desk/review/{comment.id}").text


def test_nobody_reads_a_proposal_before_a_blind_judgement(cast: Cast, ana: Browser, ben: Browser) -> None:
    connect(cast, ben)
    room = room_of(cast)
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0)
    room.says(BREAKS)
    comment = cast.published()
    with cast.database.write() as conn:
        checks.insert(conn, [a_check(comment_id=comment.id, site_id=cast.herald.id, decided_at=None, outcome=None)])
    room.read()

    shown = ana.get(f"/desk/review/{comment.id}")

    assert "pathetic" not in shown.text and "Second reader" not in shown.text


def test_it_is_given_up_with_its_key(cast: Cast, ben: Browser) -> None:
    page = connect(cast, ben).press("Give up this second reader")

    assert "No second reader is connected." in page.text
    with cast.database.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM second_readers WHERE key IS NOT NULL").scalar_one() == 0

"""The states of the box that a reader meets: each in a real browser before a real service."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from moderation.law.appeals.tables import appeals
from moderation.law.notices.values import OF_MINORS
from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.spine.comments.tables import comments, notices, reports
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.embed.conftest import Boxed, Newsroom, Visit, _axe
from tests.service.desk.cast import Cast
from tests.waiting import eventually

pytestmark = pytest.mark.browser

TEXT = "At last. Will the last boat wait for the train?"


@pytest.fixture(autouse=True)
def described(newsroom: Newsroom) -> None:
    """An article that nobody has written about."""
    newsroom.describe("a-1")


@contextmanager
def judged(cast: Cast, text: str, **scores: float) -> Iterator[None]:
    """Has the comment with this text decided as soon as it arrives, as a worker would."""

    def known() -> str | None:
        with cast.database.read() as conn:
            return conn.execute(sa.select(comments.c.id).where(comments.c.text == text)).scalar()

    def judge() -> None:
        eventually(known, within_s=30)
        cast.judge(known() or "", scores=dict(scores), now=utc_now())

    worker = threading.Thread(target=judge)
    worker.start()
    yield
    worker.join(60)
    assert not worker.is_alive()


def decide(newsroom: Newsroom, comment_id: str, action: str) -> None:
    version = (newsroom.api.get(f"/v1/comments/{comment_id}").json or {})["version"]
    answer = newsroom.api.post(f"/v1/comments/{comment_id}/decisions", {"action": action, "version": version})
    assert answer.status_code == 201, answer.text


def own_id(cast: Cast, text: str = TEXT) -> str:
    with cast.database.read() as conn:
        return str(conn.execute(sa.select(comments.c.external_id).where(comments.c.text == text)).scalar_one())


def press(where: Locator, name: str) -> None:
    where.get_by_role("button", name=name).first.click()


def test_the_first_comment_is_invited_and_published_while_its_reader_waits(cast: Cast, visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    expect(at.box).to_contain_text("Leave the first comment")
    assert at.faults() == []

    with judged(cast, TEXT):
        at.write(TEXT)

    expect(at.comment(TEXT)).to_contain_text("You can edit it until")
    expect(at.box).to_contain_text("1 comment")
    expect(at.box.get_by_text("Leave the first comment")).to_be_hidden()
    expect(at.box.get_by_role("textbox")).to_have_value("")
    assert at.faults() == []
    assert at.said == []


def test_a_comment_that_waits_is_shown_to_its_writer_until_it_is_decided(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    at = visit(reader="Dana").come_near().write(TEXT)
    expect(at.comment(TEXT)).to_contain_text("A moderator will read your comment first.")
    assert at.faults() == []

    at.page.reload()
    at.come_near()
    expect(at.comment(TEXT)).to_contain_text("A moderator will read your comment first.")
    other = visit(reader="Eve").come_near()
    expect(other.box).to_contain_text("Leave the first comment")
    newsroom.reader = {"sub": "dana", "name": "Dana"}
    decide(newsroom, own_id(cast), "publish")
    at.look()

    expect(at.comment(TEXT)).not_to_contain_text("A moderator will read")
    expect(at.box).to_contain_text("1 comment")
    expect(at.comment(TEXT).get_by_role("button", name="Reply")).to_be_visible()


def test_a_refused_comment_says_so_to_its_writer_alone_and_leads_to_an_appeal(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    at = visit(reader="Dana").come_near().write(TEXT)
    expect(at.comment(TEXT)).to_contain_text("A moderator will read")
    expect(at.comment(TEXT).get_by_role("link", name="Read why, or object")).to_have_count(0)

    decide(newsroom, own_id(cast), "reject")
    at.look()

    expect(at.comment(TEXT)).to_contain_text("The moderators did not publish this comment.")
    assert at.faults() == []
    at.comment(TEXT).get_by_role("link", name="Read why, or object").click()
    expect(at.page.get_by_role("heading", name="Your comment was not published")).to_be_visible()
    at.page.get_by_label("Why do you disagree?").fill("I only asked about the train.")
    at.page.get_by_role("button").click()
    expect(at.page.get_by_role("status")).to_be_visible()
    with cast.database.read() as conn:
        assert conn.execute(sa.select(appeals.c.text)).scalar_one() == "I only asked about the train."


def test_a_reply_stands_below_what_it_answers(cast: Cast, visit: Visit) -> None:
    cast.published("The port needs a second crane.", author="Una", id="c-1")
    at = visit(reader="Dana").come_near()

    press(at.comment("second crane"), "Reply: Una")
    at.box.get_by_role("textbox", name="Reply: Una").fill(TEXT)
    with judged(cast, TEXT):
        at.comment("second crane").get_by_role("button", name="Post").click()

    reply = at.box.locator(".replies").get_by_role("article")
    expect(reply).to_contain_text("In reply to \u2068Una\u2069")
    expect(reply).to_contain_text("You can edit it until")
    expect(at.box).to_contain_text("2 comments")


def test_an_edit_and_a_withdrawal(cast: Cast, visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    with judged(cast, TEXT):
        at.write(TEXT)
    expect(at.comment(TEXT)).to_contain_text("You can edit it until")

    press(at.comment(TEXT), "Edit")
    at.box.get_by_role("textbox", name="Edit").fill("Better so.")
    found = {"editing": at.faults()}
    with judged(cast, "Better so."):
        at.box.locator("article").get_by_role("button", name="Edit").click()
    expect(at.comment("Better so.")).to_contain_text("Edited")
    found["edited"] = at.faults()
    press(at.comment("Better so."), "Withdraw")
    press(at.box.locator("article"), "Cancel")
    expect(at.comment("Better so.")).to_be_visible()
    press(at.comment("Better so."), "Withdraw")
    found["asked whether to withdraw"] = at.faults()
    press(at.box.locator("article"), "Withdraw")

    expect(at.box.locator("article")).to_contain_text("You have withdrawn this comment.")
    expect(at.box.locator("article")).not_to_contain_text("Better so.")
    found["withdrawn"] = at.faults()
    assert not any(found.values()), found
    with cast.database.read() as conn:
        assert conn.execute(sa.select(comments.c.status)).scalar_one() == "withdrawn"


def test_a_report_names_a_reason_and_counts_once(cast: Cast, visit: Visit) -> None:
    cast.published("The port needs a second crane.", author="Una")
    at = visit(reader="Dana").come_near()

    press(at.comment("second crane"), "Report: Una")
    at.box.get_by_label("Insult or abuse").check()
    press(at.box.locator("form.report-form"), "Report")

    expect(at.comment("second crane")).to_contain_text("Thank you. The moderators will look at it.")
    expect(at.comment("second crane").get_by_role("button", name="Report")).to_have_count(0)
    assert at.faults() == []
    with cast.database.read() as conn:
        assert [row.reason for row in conn.execute(sa.select(reports.c.reason))] == ["insult"]


def test_a_report_of_illegal_content_is_a_notice_with_a_receipt(cast: Cast, visit: Visit) -> None:
    cast.published("Throw them into the harbour.", author="Una", id="c-1")
    at = visit(reader="Dana").come_near()

    press(at.comment("harbour"), "Report: Una")
    form = at.box.locator("form.report-form")
    expect(form.get_by_label("Your name")).to_be_hidden()
    form.get_by_label("Illegal content").check()
    form.get_by_label("Why is this illegal?").fill("§ 130 StGB: it calls for violence")
    form.get_by_label("Your name").fill("Dana Olsen")
    form.get_by_label("Your e-mail address").fill("dana@mail.example")
    assert at.faults() == []
    press(form, "Report")
    expect(form).to_be_visible()  # it still lacks the word that all this is true
    form.get_by_label("I believe that what I say").check()
    press(form, "Report")

    expect(at.comment("harbour")).to_contain_text("Thank you. The moderators will look at it.")
    assert at.faults() == []
    with cast.database.read() as conn:
        kept = conn.execute(sa.select(notices)).one()
    assert (kept.explanation, kept.name, kept.email) == (
        "§ 130 StGB: it calls for violence", "Dana Olsen", "dana@mail.example",
    )  # fmt: skip
    at.comment("harbour").get_by_role("link", name="Follow your report").click()
    expect(at.page.get_by_role("heading", name="We have received your notice")).to_be_visible()


def test_a_visitor_gives_notice_by_a_form_that_needs_no_script(cast: Cast, visit: Visit, newsroom: Newsroom) -> None:
    cast.published("Throw them into the harbour.", author="Una", id="c-1")
    newsroom.language = "de"
    at = visit().come_near()

    at.comment("harbour").get_by_role("link", name="Melden: Una").click()
    page = at.page
    expect(page.get_by_role("heading", name="Rechtswidrigen Inhalt melden")).to_be_visible()
    expect(page.locator("blockquote")).to_have_text("Throw them into the harbour.")
    page.get_by_role("button", name="Meldung absenden").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    at.page.evaluate(_axe())
    faults = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [fault["id"] for fault in faults] == []
    page.get_by_label("Warum ist das rechtswidrig?").fill("§ 130 StGB")
    page.get_by_label("Ihr Name").fill("Karla Quell")
    page.get_by_label("Ihre E-Mail-Adresse").fill("karla@mail.example")
    page.get_by_label("Ich halte meine Angaben").check()
    page.get_by_role("button", name="Meldung absenden").click()

    expect(page.get_by_role("heading", name="Ihre Meldung ist eingegangen")).to_be_visible()
    with cast.database.read() as conn:
        kept = conn.execute(sa.select(notices)).one()
    assert (kept.explanation, kept.email, kept.language) == ("§ 130 StGB", "karla@mail.example", "de")
    assert kept.id in page.locator("main").inner_text()


def test_a_notice_of_abused_children_needs_no_name(cast: Cast, visit: Visit) -> None:
    cast.published("Look here.", author="Una", id="c-1")
    at = visit(reader="Dana").come_near()

    press(at.comment("Look here."), "Report: Una")
    form = at.box.locator("form.report-form")
    form.get_by_label("Illegal content").check()
    form.get_by_label("Why is this illegal?").fill("It links to pictures of abuse")
    form.get_by_label("This is about sexual abuse of children").check()
    expect(form.get_by_label("Your name")).to_be_hidden()
    form.get_by_label("I believe that what I say").check()
    press(form, "Report")

    expect(at.comment("Look here.")).to_contain_text("Thank you.")
    with cast.database.read() as conn:
        kept = conn.execute(sa.select(notices)).one()
    assert (kept.name, kept.email, kept.category) == (None, None, OF_MINORS)


def test_an_editors_pick_and_the_newsroom_are_marked(cast: Cast, visit: Visit, newsroom: Newsroom) -> None:
    picked = cast.published("The port needs a second crane.", author="Una")
    featuring.pick(
        cast.database, cast.moderator("Ben"), Pick(picked.id, picked.version + 1, True), now=utc_now(), hold_s=0
    )
    at = visit().come_near()

    expect(at.comment("second crane")).to_contain_text("Editor’s pick")


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ({"measure": "suspend", "days": 3, "reason": "You insulted the mayor."}, "You may comment again from"),
        ({"measure": "ban", "reason": "You insulted the mayor."}, "You can no longer comment here."),
    ],
)
def test_a_reader_who_may_not_comment_learns_why_and_until_when(
    cast: Cast, newsroom: Newsroom, visit: Visit, measure: dict[str, object], said: str
) -> None:
    cast.published("Mine, from before.", author="Dana")
    cast.published("The port needs a second crane.", author="Una")
    assert newsroom.api.post("/v1/authors/dana/measures", measure).status_code == 201

    at = visit(reader="Dana").come_near()

    expect(at.box).to_contain_text(said)
    expect(at.box).to_contain_text("You insulted the mayor.")
    expect(at.box.get_by_role("textbox")).to_have_count(0)
    link = at.box.get_by_role("link", name="Read why, or object")
    expect(link).to_have_attribute("href", statement_page(newsroom))
    own, other = at.comment("Mine, from before."), at.comment("second crane")
    expect(own.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(own.get_by_role("button", name="Edit")).to_have_count(0)
    press(other, "Report: Una")
    expect(other.get_by_role("radio")).to_have_count(1)
    expect(other.get_by_label("Illegal content")).to_be_visible()
    assert at.faults() == []


def test_the_statement_is_gone_once_nobody_can_appeal(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("Mine, from before.", author="Dana")
    measure = {"measure": "ban", "reason": "You insulted the mayor."}
    assert newsroom.api.post("/v1/authors/dana/measures", measure).status_code == 201
    with cast.database.write() as conn:
        row = conn.execute(sa.select(events.c.id, events.c.payload).where(events.c.author_id.is_not(None))).one()
        row.payload["measure"]["statement"]["object_until"] = utc_now().isoformat()
        conn.execute(events.update().where(events.c.id == row.id).values(payload=row.payload))

    at = visit(reader="Dana").come_near()

    expect(at.box).to_contain_text("You can no longer comment here.")
    expect(at.box.get_by_role("link", name="Read why, or object")).to_have_count(0)


def statement_page(newsroom: Newsroom) -> str:
    """Of the newest measure about Dana, as the site itself has it."""
    page = newsroom.api.get("/v1/authors/dana/measures").json
    assert page is not None
    return f"{newsroom.gavel}{page['measures'][0]['statement']['path']}"


def test_a_reader_who_is_suspended_meanwhile_keeps_the_text(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("Mine, from before.", author="Dana")
    at = visit(reader="Dana").come_near()
    expect(at.comment("Mine").get_by_role("button", name="Withdraw")).to_be_visible()  # the reader is known
    measure = {"measure": "suspend", "days": 3, "reason": "You insulted the mayor."}
    assert newsroom.api.post("/v1/authors/dana/measures", measure).status_code == 201

    at.write(TEXT)

    refusal = at.box.get_by_role("status").filter(has_text="You may comment again from")
    expect(refusal.get_by_role("link", name="Read why, or object")).to_have_attribute("href", statement_page(newsroom))
    expect(at.box.get_by_role("textbox")).to_have_value(TEXT)
    expect(at.comment(TEXT)).to_have_count(0)
    assert at.faults() == []


def test_a_closed_article_says_so_and_takes_no_reply(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("The port needs a second crane.")
    newsroom.describe("a-1", state="closed")

    at = visit(reader="Eve").come_near()

    expect(at.box).to_contain_text("This article no longer takes comments.")
    expect(at.box.get_by_role("textbox")).to_have_count(0)
    expect(at.comment("second crane").get_by_role("button", name="Reply")).to_have_count(0)
    assert at.faults() == []


def test_comments_that_a_mode_closes_say_until_when(newsroom: Newsroom, visit: Visit) -> None:
    begin(newsroom, "closed")

    at = visit(reader="Dana").come_near()

    expect(at.box).to_contain_text("Comments are closed until")
    expect(at.box.get_by_role("textbox")).to_have_count(0)
    assert at.faults() == []


def test_comments_that_a_mode_closes_meanwhile_keep_the_text(newsroom: Newsroom, visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    expect(at.box.get_by_text("Dana")).to_be_visible()
    begin(newsroom, "closed")

    at.write(TEXT)

    expect(at.box.get_by_role("status").filter(has_text="Comments are closed until")).to_be_visible()
    expect(at.box.get_by_role("textbox")).to_have_value(TEXT)
    expect(at.comment(TEXT)).to_have_count(0)


def test_a_slow_mode_asks_for_patience_and_keeps_the_text(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    begin(newsroom, "slow")
    at = visit(reader="Dana").come_near()
    with judged(cast, TEXT):
        at.write(TEXT)
    expect(at.comment(TEXT)).to_contain_text("You can edit it until")

    at.write("And another thing.")

    expect(at.box.locator(".problem")).to_contain_text("Many people are commenting now.")
    expect(at.box.get_by_role("textbox")).to_have_value("And another thing.")
    expect(at.comment("And another thing.")).to_have_count(0)
    assert at.faults() == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("slow", "Each reader can post one comment every few minutes. Dana"),
        ("everything_waits", "A moderator will read your comment first. Dana"),
    ],
)
def test_a_mode_is_told_beside_the_field_before_the_reader_writes(
    newsroom: Newsroom, visit: Visit, mode: str, said: str
) -> None:
    begin(newsroom, mode)

    at = visit(reader="Dana").come_near()

    expect(at.box.get_by_role("status").filter(has_text=said)).to_be_visible()
    assert at.faults() == []


def begin(newsroom: Newsroom, mode: str) -> None:
    """Pages that were read just now learn of it some seconds later."""
    assert newsroom.api.post("/v1/site/modes", {"mode": mode, "hours": 3}).status_code == 201


def test_a_reader_who_is_not_known_is_led_to_the_login(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("The port needs a second crane.")
    newsroom.pages["a-1"] = newsroom.tag("a-1", data_sign_in_url="/login")

    at = visit().come_near()

    expect(at.box.get_by_role("link", name="Log in to comment")).to_have_attribute("href", "/login")
    expect(at.comment("second crane").get_by_role("button")).to_have_count(0)
    assert at.faults() == []
    assert at.said == []


def test_a_token_that_is_over_is_renewed_without_a_word(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    expect(at.box.get_by_text("Dana")).to_be_visible()
    newsroom.lasts = timedelta(minutes=-5)
    at.page.evaluate("gavel.refresh()")
    expect(at.box).to_contain_text("Log in to comment")  # the second one is over too
    newsroom.lasts = timedelta(minutes=10)
    signed = newsroom.signed

    at.page.evaluate("gavel.refresh()")
    with judged(cast, TEXT):
        at.write(TEXT)

    expect(at.comment(TEXT)).to_contain_text("You can edit it until")
    assert newsroom.signed == signed + 1


def test_advice_that_cannot_be_had_holds_up_nobody(newsroom: Newsroom, visit: Visit) -> None:
    newsroom.pages["a-1"] = newsroom.tag(data_advice_key="no-key-of-this-site")
    at = visit(reader="Dana").come_near()

    at.write(TEXT)

    expect(at.comment(TEXT)).to_contain_text("A moderator will read your comment first.")


class TestAway:
    """Gavel does not answer, or there is no network. The box keeps what a reader has written."""

    def test_a_text_that_cannot_be_sent_stays_also_after_a_reload_and_is_sent_once(
        self, cast: Cast, visit: Visit
    ) -> None:
        at = visit(reader="Dana").come_near()
        self.cut(at)

        at.write(TEXT)
        expect(at.box).to_contain_text("Comments are not available right now.")
        expect(at.comment(TEXT)).to_have_count(0)
        found = {"away": at.faults()}
        at.page.reload()
        at.come_near()
        expect(at.box.get_by_role("alert")).to_contain_text("Comments are not available right now.")
        expect(at.box.get_by_role("textbox")).to_have_value(TEXT)
        found["away from the start"] = at.faults()
        at.page.unroute_all()
        press(at.box, "Try again")
        expect(at.box).to_contain_text("Leave the first comment")
        expect(at.box.get_by_role("textbox")).to_have_value(TEXT)
        with judged(cast, TEXT):
            press(at.box, "Post")

        expect(at.comment(TEXT)).to_contain_text("You can edit it until")
        assert not any(found.values()), found

    def test_an_answer_that_is_lost_makes_no_second_comment(self, cast: Cast, visit: Visit) -> None:
        at = visit(reader="Dana").come_near()
        at.page.route("**/v1/reader/comments", lambda route: (route.fetch(), route.abort()))
        at.write(TEXT)
        expect(at.box).to_contain_text("Comments are not available right now.")
        at.page.unroute_all()

        press(at.box, "Post")

        expect(at.comment(TEXT)).to_contain_text("A moderator will read")
        with cast.database.read() as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar() == 1

    def test_a_reader_who_is_offline_is_told_so(self, visit: Visit) -> None:
        at = visit(reader="Dana").come_near()
        at.page.context.set_offline(True)

        at.write(TEXT)

        expect(at.box).to_contain_text("You are offline. Your text stays here.")
        expect(at.box.get_by_role("textbox")).to_have_value(TEXT)
        assert at.faults() == []

    def cut(self, at: Boxed) -> None:
        for calls in ("**/v1/pages/**/articles/**", "**/v1/reader**"):
            at.page.route(calls, lambda route: route.abort())

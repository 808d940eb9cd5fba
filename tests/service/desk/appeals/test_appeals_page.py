"""Appeals at the desk: the tab with its count, one appeal with its receipt and thread, its outcome, and the figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moderation.ground.values.comments import Comment
from moderation.ground.values.measures import Measure
from moderation.ground.values.statuses import CommentStatus
from moderation.law.appeals import making
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import Appeal, AppealSource, AppealState, CommentAppeal
from moderation.law.measure_appeals import making as measure_appeals
from moderation.moderators.authors import taking_measures
from moderation.moderators.authors.taking_measures import MeasureWish
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.people import rows as people
from moderation.spine.articles import rows as articles
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from tests.clock import Clock
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

WORDS = "I quoted the minister, you fool."
HOSTILE = "</blockquote><script>alert(1)</script> You are all fools."


def rejected_by(cast: Cast, name: str, text: str = "The minister lies.", **said: object) -> Comment:
    comment = cast.flagged(text, **said)  # type: ignore[arg-type]
    choice = ModeratorChoice(Choice.REJECT, 2, "Insult or abuse")
    reviewing.decide(cast.database, cast.moderator(name), comment.id, choice, now=cast.now, hold_s=0)
    return comment


def appealed(cast: Cast, comment: Comment, text: str = WORDS) -> CommentAppeal:
    with cast.database.read() as conn:
        latest = decisions.latest_decision(conn, comment.id)
    assert latest is not None
    source = AppealSource.PAGE
    return making.appeal(cast.database, comment.site_id, latest.id, text, source=source, now=cast.now)


def now_of(cast: Cast, appeal: CommentAppeal) -> Appeal:
    with cast.database.read() as conn:
        found = store.find(conn, appeal.id)
    assert found is not None
    return found


def tab(page: Page) -> str:
    links = [" ".join(a.get_text(" ").split()) for a in page.html.select("nav.pages a")]
    return next(words for words in links if words.startswith("Appeals"))


def test_the_tab_counts_the_appeals_that_this_person_may_decide(
    cast: Cast, ana: Browser, ben: Browser, clock: Clock
) -> None:
    appealed(cast, rejected_by(cast, "Ana"))
    appealed(cast, rejected_by(cast, "Ben"))
    appealed(cast, rejected_by(cast, "Ben", site=cast.courier))
    clock.moment += 21  # the page after the log-in has counted them before

    assert tab(ana.get("/desk/review")) == "Appeals"  # Dora looks at Ben's, and somebody else at Ana's
    assert tab(ben.get("/desk/review")) == "Appeals 1"
    page = ana.get("/desk/appeals")
    assert "No appeal waits for you." in page.region("For you to decide")
    assert "2 more appeals wait for somebody else" in page.text


def open_appeal(browser: Browser, appeal: CommentAppeal) -> Page:
    return browser.get(f"/desk/appeals/{appeal.id}")


def test_one_appeal_shows_all_that_is_needed_and_not_who_decided(cast: Cast, ben: Browser) -> None:
    parent = cast.published("Who said what to whom?")
    made = appealed(
        cast, rejected_by(cast, "Ana", "She lies about the harbour.", parent_id=parent.external_id), HOSTILE
    )

    page = open_appeal(ben, made)

    assert page.status == 200
    for words in ("Who said what to whom?", "She lies about the harbour.", "On ", "Insult or abuse", "You are all"):
        assert words in page.text
    main = page.html.find("main")
    assert main is not None
    assert "Ana" not in main.get_text() and main.find("script") is None
    assert main.select_one('a[href^="/desk/review"]') is None  # the card there names who decided


def test_an_appeal_shows_the_record_of_its_author_and_not_who_took_a_measure(cast: Cast, ben: Browser) -> None:
    cast.published("A calm word.", author="Dana")
    made = appealed(cast, rejected_by(cast, "Ana", author="Dana"))
    ben.post(f"/desk/authors/{author_of(cast, made)}/measures", {"measure": "warn", "reason": "Be civil."})

    page = open_appeal(ben, made)

    assert "Dana : 1 published, 1 rejected" in page.text
    assert page.link("Their page")["href"] == f"/desk/authors/{author_of(cast, made)}"
    assert page.region("Measures").startswith("Warned just now")


def author_of(cast: Cast, appeal: CommentAppeal) -> str:
    with cast.database.read() as conn:
        return comments.get_by_id(conn, appeal.comment_id).author_id


def test_an_appeal_against_a_ban_shows_the_measure_and_lifts_it(cast: Cast, ben: Browser) -> None:
    comment = cast.flagged("You crook.", author="Dana")
    dana = comment.author_id
    wish = MeasureWish(Measure.BAN, "You insult others.", about_id=comment.id)
    taken = taking_measures.take(cast.database, cast.moderator("Ana"), dana, wish, now=cast.now, due_at=cast.now)
    site_id, source = comment.site_id, AppealSource.PAGE
    made = measure_appeals.appeal(cast.database, site_id, taken.id, WORDS, source=source, now=cast.now)

    listed = ben.get("/desk/appeals")
    assert listed.link("Banned j")["href"] == f"/desk/appeals/{made.id}"
    page = ben.get(f"/desk/appeals/{made.id}")
    assert page.region("Appeal just now").startswith(
        f"Appeal just now The Herald The author writes {WORDS} The measure Banned"
    )
    assert "You crook." in page.text and "You insult others." in page.text and "Ana" not in page.text
    assert [str(tag["data-key"]) for tag in page.html.select("main label[data-key]")][-4:] == ["1", "2", "3", "4"]
    after = page.press("Decide", reason="misread", answer="We are sorry.")

    assert after.status_line == "Appeal granted: the measure is lifted. The author hears of it."
    assert "Ban 1 1 100.0%" in after.text.partition("By the measure")[2]
    with cast.database.read() as conn:
        author = articles.author_by_id(conn, dana)
    assert author is not None and not author.is_silenced(cast.now)
    assert "Undone: banned" in ben.get(f"/desk/appeals/{made.id}").text


def test_keys_decide_and_lead_to_the_next(cast: Cast, ben: Browser) -> None:
    first, second = (appealed(cast, rejected_by(cast, "Ana", text)) for text in ("He lies.", "She lies."))
    page = open_appeal(ben, first)
    keys = {str(tag["data-key"]): tag for tag in page.html.select("main [data-key]")}
    assert {"1", "2", "3", "4", "5", "d", "n", "s"} <= set(keys)

    after = page.press("Decide", reason="misread", answer="We are sorry.")

    assert after.path == f"/desk/appeals/{second.id}"
    said = "Appeal granted: the comment is online. The author hears of it."
    assert after.status_line == f"{said} Make it a case of a rule g"
    done = now_of(cast, first)
    assert (done.state, done.answer, done.moderator_id) == (AppealState.OVERTURNED, "We are sorry.", cast.ids["Ben"])
    with cast.database.read() as conn:
        assert comments.get_by_id(conn, first.comment_id).status is CommentStatus.PUBLISHED
    last = after.press("Decide", reason="rule_broken")
    assert last.path == "/desk/appeals"
    assert last.status_line == "Appeal turned down. The author hears of it."
    assert tab(last) == "Appeals"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose one of the five reasons."),
        ({"reason": "because"}, "Choose one of the five reasons."),
        ({"reason": "misread", "answer": "x" * 1_001}, "must have at most 1,000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_decided(
    cast: Cast, ben: Browser, fields: dict[str, str], said: str
) -> None:
    made = appealed(cast, rejected_by(cast, "Ana"))

    page = open_appeal(ben, made).press("Decide", **fields)

    assert page.status == 422
    alert = page.html.find(role="alert")
    assert alert is not None and said in alert.get_text()
    assert now_of(cast, made).state is AppealState.OPEN


def test_nobody_opens_the_appeal_against_their_own_decision(cast: Cast, ana: Browser, carla: Browser) -> None:
    made = appealed(cast, rejected_by(cast, "Ana"))

    refused, foreign = open_appeal(ana, made), open_appeal(carla, made)

    assert (refused.status, foreign.status) == (403, 404)
    assert "Somebody else decides this appeal" in refused.text
    assert "lies" not in refused.text and "lies" not in foreign.text
    assert foreign.heading() == "We can’t find that appeal"


def test_the_second_person_hears_that_it_was_decided(cast: Cast, ben: Browser, browser: Callable[[], Browser]) -> None:
    dora = browser().log_in_as(cast, "Dora")
    made = appealed(cast, rejected_by(cast, "Ana"))
    both = [open_appeal(one, made) for one in (ben, dora)]

    both[0].press("Decide", reason="rule_broken")
    late = both[1].press("Decide", reason="misread")

    assert "Somebody else decided that appeal" in late.text
    assert now_of(cast, made).state is AppealState.UPHELD
    assert "The decision stays." in open_appeal(dora, made).text


@ON_BOTH
def test_somebody_who_works_alone_is_told_that_the_author_hears_so(cast: Cast, ben: Browser) -> None:
    made = appealed(cast, rejected_by(cast, "Ben"))
    with cast.database.write() as conn:
        for name in ("Ana", "Dora"):
            people.remove_from(conn, cast.ids[name], cast.herald.id)

    page = open_appeal(ben, made)

    assert "You made this decision. Nobody else works for the site, and the author is told so." in page.text
    page.press("Decide", reason="rule_broken")
    assert now_of(cast, made).by_same_person


@ON_BOTH
def test_the_figures_count_by_rule_and_reason(cast: Cast, ben: Browser) -> None:
    for reason in ("misread", "rule_broken", "rule_broken"):
        open_appeal(ben, appealed(cast, rejected_by(cast, "Ana", f"{reason} lies."))).press("Decide", reason=reason)
    appealed(cast, rejected_by(cast, "Ana", "Still open."))

    page = ben.get("/desk/appeals", site=cast.herald.id)

    figures = page.region("How appeals stand")
    assert "Open 1, the oldest" in figures
    assert "Overturned 1 (33.3%)" in figures
    assert "A person decided 3 1 33.3%" in figures
    assert "Insult or abuse 3 1 33.3%" in figures


def test_the_card_of_a_comment_has_receipt_and_appeal(cast: Cast, ben: Browser, ana: Browser) -> None:
    comment = rejected_by(cast, "Ana")
    before = ben.get(f"/desk/review/{comment.id}")
    made = appealed(cast, comment)
    after = ben.get(f"/desk/review/{comment.id}")

    receipt = before.region("Statement of reasons")
    assert "Read it as the author does" in receipt and "Appeal" not in receipt
    assert "Appeal, open" in after.region("Statement of reasons")
    assert "I quoted the minister" in after.region("Statement of reasons")
    assert after.link("Appeal, open")["href"] == f"/desk/appeals/{made.id}"
    statement = ana.get(str(before.link("Read it as the author does")["href"]))
    assert statement.heading() == "Your comment was not published"
    flagged = cast.flagged("Another one.")
    with pytest.raises(LookupError):
        ben.get(f"/desk/review/{flagged.id}").region("Statement of reasons")


def test_the_count_is_new_after_one_s_own_decision_and_soon_for_others(
    cast: Cast, ben: Browser, browser: Callable[[], Browser], clock: Clock
) -> None:
    dora = browser().log_in_as(cast, "Dora")
    made = appealed(cast, rejected_by(cast, "Ana"))
    clock.moment += 21  # the page after the log-in has counted them before
    assert (tab(ben.get("/desk/history")), tab(dora.get("/desk/history"))) == ("Appeals 1", "Appeals 1")

    open_appeal(ben, made).press("Decide", reason="rule_broken")

    assert (tab(ben.get("/desk/history")), tab(dora.get("/desk/history"))) == ("Appeals", "Appeals 1")
    clock.moment += 21
    assert tab(dora.get("/desk/history")) == "Appeals"


@ON_BOTH
def test_words_are_shown_after_they_were_erased_as_erased(cast: Cast, ben: Browser) -> None:
    made = appealed(cast, rejected_by(cast, "Ana"))
    with cast.database.write() as conn:
        store.forget_words(conn, [made.comment_id])

    assert "The words were erased." in open_appeal(ben, made).text

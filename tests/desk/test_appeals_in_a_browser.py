"""An appeal in a browser, from the receipt to its outcome, by keys alone; and that axe finds nothing on the way."""

from __future__ import annotations

import time

import pytest

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.law.statements import announcing, links
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.desk.axe import violations
from tests.desk.conftest import Open, Screen
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

WORDS = "I quoted her."
MOST_S = 30.0  # of both people together, on a busy machine; a quiet one takes two or three
MOST_KEYS = 5  # of the person at the desk: one to open the first appeal, and for each a reason and "decide"


def rejected(cast: Cast, text: str) -> tuple[Comment, str]:
    """A comment that Ana rejected, and the path of its statement."""
    comment = cast.flagged(text, language="en")
    choice = ModeratorChoice(Choice.REJECT, 2, "Insult or abuse")
    made = reviewing.decide(cast.database, cast.moderator("Ana"), comment.id, choice, now=utc_now(), hold_s=0)
    with cast.database.write() as conn:
        secret = announcing.secret(conn, comment.site_id)
    return comment, links.path(secret, made.id, utc_now().replace(year=utc_now().year + 1))


def write(reader: Screen, path: str) -> None:
    """With the keyboard: to the field, the words, to the button."""
    reader.open(path).page.get_by_label("Why do you disagree?").focus()
    reader.page.keyboard.type(WORDS)
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    reader.page.get_by_text("We received your appeal").wait_for()


def test_from_the_receipt_to_the_outcome_by_keys(cast: Cast, screen: Open) -> None:
    first, path = rejected(cast, "She lies.")
    _second, other_path = rejected(cast, "He lies.")
    reader, desk = screen(java_script_enabled=False), screen().log_in("Ben")
    write(reader, other_path)
    keys: list[str] = []
    began = time.monotonic()

    write(reader, path)
    desk.open("/desk/appeals")
    for key in ("j", "1", "d", "4", "d"):
        keys.append(key)
        desk.press(key)
        if key in "jd":
            desk.page.wait_for_load_state()
    desk.page.get_by_text("Appeal granted").wait_for()
    reader.open(path)
    seconds = time.monotonic() - began

    assert "your comment is online" in reader.page.get_by_role("status").inner_text()
    assert "We had misunderstood the comment." in reader.page.get_by_role("status").inner_text()
    assert "The decision stays" in reader.open(other_path).page.get_by_role("status").inner_text()
    with cast.database.read() as conn:
        assert comments.get_by_id(conn, first.id).status is CommentStatus.PUBLISHED
    assert seconds < MOST_S, f"{seconds:.1f} s"
    assert len(keys) == MOST_KEYS
    assert desk.said == [] and reader.said == []


@pytest.mark.parametrize(("color_scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_on_pages_of_appeals(cast: Cast, screen: Open, color_scheme: str, width: int) -> None:
    comment, path = rejected(cast, "She lies.")
    _other, other_path = rejected(cast, "He lies.")
    at = screen(color_scheme=color_scheme, width=width).log_in("Ben")

    found = violations(at.open(path), "form")
    at.page.evaluate("document.querySelector('textarea').required = false")
    at.page.get_by_role("button", name="Send the appeal").click()
    at.page.get_by_role("alert").wait_for()
    found += violations(at, "problem")
    write(at, path)
    found += violations(at, "received")
    write(at, other_path)
    found += violations(at.open("/desk/appeals"), "list")
    at.page.get_by_role("link", name="lies").first.click()
    found += violations(at, "appeal")
    at.page.get_by_label("The comment breaks the rule that we named.").check()
    at.page.get_by_role("button", name="Decide").click()
    at.page.get_by_text("Appeal turned down").wait_for()
    found += violations(at.open("/desk/appeals"), "figures")
    found += violations(at.open(f"/desk/review/{comment.id}"), "card")
    found += violations(at.open(path), "outcome")

    assert found == []

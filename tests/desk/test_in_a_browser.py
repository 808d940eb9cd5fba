"""Things that only a real browser can show: keys, focus, scripts off, two people at once."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Route, expect

from moderation.moderators.queue.desk import duties, duty_rows
from moderation.sites.people.roles import Role
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comments, decisions
from tests.builders import OPERATOR
from tests.desk.conftest import Open
from tests.desk.scenes import client, counts, mid_shift
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "service" / "static"


def test_fifty_comments_are_decided_without_the_mouse(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=52)
    at = screen().log_in("Ana")

    for number in range(50):
        at.press("a" if number % 2 else "r")
    assert counts(cast, comments, "status") == {"flagged": 3, "published": 26, "rejected": 25}
    at.press("z")

    assert counts(cast, comments, "status") == {"flagged": 4, "published": 25, "rejected": 25}
    assert "open again" in at.status
    at.press("/")
    at.page.keyboard.type("Imogen")
    at.page.keyboard.press("Enter")
    at.page.get_by_role("link", name="Imogen Hale").first.wait_for()
    assert at.said == []


HURRY = """
    const hit = (type, key) => document.dispatchEvent(
        new KeyboardEvent(type, { key, code: `Key${key.toUpperCase()}`, bubbles: true }));
    const press = (key) => { hit("keydown", key); hit("keyup", key); };
    const early = () => { press("r"); document.querySelector(".actions .reject").click(); };
    for (const name of ["htmx:beforeSend", "htmx:afterSwap", "htmx:afterSettle"]) {
        document.addEventListener(name, early);
    }
    window.dispatchEvent(new PageTransitionEvent("pageshow"));
    hit("keydown", "a"); hit("keydown", "a"); press("a");
"""


def test_nothing_is_decided_before_it_has_been_seen(cast: Cast, screen: Open) -> None:
    """Keys and clicks that come while an answer is under way or just arriving were meant for what was there before."""
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana")
    at.page.wait_for_load_state()

    at.page.evaluate(f"() => {{ {HURRY} }}")
    at.page.wait_for_selector("html:not([data-busy])")

    assert counts(cast, comments, "status") == {"flagged": 6, "published": 2}


def test_a_double_click_decides_one_comment(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana")
    at.page.wait_for_load_state()
    box = at.page.get_by_role("button", name="Approve").bounding_box()
    assert box is not None

    at.page.mouse.click(box["x"] + 9, box["y"] + 9)
    at.page.wait_for_selector("html:not([data-busy])")
    at.page.mouse.down(click_count=2)  # the second of a slow double click
    at.page.mouse.up(click_count=2)
    at.page.wait_for_selector("html:not([data-busy])")
    at.press("s")

    assert counts(cast, comments, "status")["published"] == 2


def test_lighter_keeps_the_address_in_step(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana")
    first = at.page.url

    at.press("l")

    second, heading = at.page.url, at.heading
    assert second != first
    at.page.reload()
    assert at.heading == heading
    at.page.go_back()
    assert at.page.url == first


def test_a_key_presses_its_button_but_not_while_typing_or_turned_off(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana")

    at.press("n")
    at.page.keyboard.type("a real rant")
    at.press("Escape").press("2")

    assert counts(cast, comments, "status")["rejected"] == 1
    with cast.database.read() as conn:
        (made,) = conn.execute(sa.select(decisions).where(decisions.c.moderator_id.is_not(None))).all()
    assert (made.category, made.note) == ("Hate or attack on a group", "a real rant")
    at.press("Control+a").press("Alt+a")
    at.open("/desk/help").page.get_by_label("Switch single-letter keys off").check()
    at.page.get_by_role("button", name="Save").click()
    at.open("/desk/review").press("a")
    assert counts(cast, comments, "status") == {"flagged": 6, "rejected": 1, "published": 1}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_next_comment_is_in_sight_with_the_focus_and_the_status_line_tells(
    cast: Cast, screen: Open, width: int
) -> None:
    mid_shift(cast, comments=30)
    at = screen(width=width).log_in("Ana")
    first = at.page.url

    at.press("e")

    assert at.page.url != first
    assert at.page.evaluate("document.activeElement.id") == "comment"
    assert at.page.evaluate("document.getElementById('comment').getBoundingClientRect().top") > 0
    assert at.page.evaluate("document.getElementById('comment-title').getBoundingClientRect().bottom < innerHeight")
    assert at.page.locator("#status").get_attribute("aria-live") == "polite"
    assert "Escalated: night_owl_77" in at.status


def test_listed_words_are_hidden_until_asked_and_that_is_remembered(cast: Cast, screen: Open) -> None:
    cast.flagged("You are a fool and a wanker.", evidence=("fool", "wanker"))
    at = screen().log_in("Ana")
    expect(at.page.locator("#comment mark", has_text="fool")).to_be_visible()
    expect(at.page.locator("#comment mark .word")).to_be_hidden()

    with at.page.expect_response("**/desk/preferences"):
        at.press("m")

    expect(at.page.locator("#comment mark .word")).to_be_visible()
    at.open("/desk/review")
    expect(at.page.locator("#comment mark .word")).to_have_text("wanker")
    expect(at.page.locator("#comment mark .word")).to_be_visible()


def test_two_moderators_see_each_others_actions(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    ana, ben = screen().log_in("Ana"), screen().log_in("Ben")
    bens = ben.page.locator(".queue [aria-current] .head b").inner_text()

    ana.page.get_by_text("Ben is reading").first.wait_for()
    ben.press("r")
    ana.page.get_by_text("Rejected by Ben").first.wait_for()
    cast.flagged("Brand new, you fool.")
    ana.page.get_by_role("link", name="1 new").wait_for()

    assert bens in ana.page.locator(".queue li.gone").inner_text()
    ana.page.get_by_role("link", name="1 new").click()
    ana.page.locator(".queue", has_text="Brand new").wait_for()


def test_the_line_above_a_comment_follows_live_and_a_late_key_opens_the_next(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    ana, ben = screen().log_in("Ana"), screen().log_in("Ben")
    path = ana.page.url.removeprefix(ana.address)
    ben.open(path).page.get_by_text("Ana is reading this now").wait_for()
    ana.press("1")
    ben.page.get_by_text("Rejected by Ana. Your next key or click opens the next comment.").wait_for()

    ben.press("a")

    ben.page.get_by_text("Ana decided first").wait_for()
    assert path not in ben.page.url
    assert counts(cast, comments, "status") == {"flagged": 6, "rejected": 1, "published": 1}


def test_an_escalation_and_a_question_arrive_by_themselves(cast: Cast, screen: Open) -> None:
    first, second = cast.flagged("A hard one."), cast.flagged("Another hard one.")
    lead, ana = screen().log_in("Ben").open("/desk/history"), Browser(client(cast)).log_in("Ana")
    queue = screen().log_in("Ben")

    ana.get(f"/desk/review/{first.id}").press("Escalate")
    ana.get(f"/desk/review/{second.id}").press("Ask", colleague=cast.ids["Ben"], question="Is this a quote?")

    for at in (lead, queue):
        expect(at.page.get_by_role("link", name="Ana asks a lead to decide a comment by Dana.")).to_be_visible()
        expect(at.page.get_by_role("link", name="Ana asks you about a comment.")).to_be_visible()
        expect(at.page.locator("#tally-escalated")).to_have_text("1")
    lead.page.get_by_role("button", name="Hide this line").first.click()
    expect(lead.page.get_by_role("button", name="Hide this line")).to_have_count(1)
    queue.page.get_by_text("1 hint", exact=True).click()
    expect(queue.page.get_by_role("link", name="Ana asks you: Is this a quote?")).to_be_visible()
    queue.page.get_by_role("button", name="Dismiss for this shift").click()
    expect(queue.page.get_by_text("1 dismissed for this shift")).to_be_visible()
    expect(queue.page.locator("#hints-dismissed > summary")).to_be_focused()
    assert lead.said == queue.said == []


def test_one_box_ticks_a_list_and_one_key_undoes_the_batch(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana")

    at.page.get_by_label("Select all").check()
    expect(at.page.get_by_text("7 of 7 selected.")).to_be_visible()
    at.page.locator("input[name=ids]").first.uncheck()
    expect(at.page.get_by_text("6 of 7 selected.")).to_be_visible()
    at.page.get_by_label("Select all").check()
    at.page.get_by_role("button", name="Decide the ticked ones (7)").click()
    at.page.get_by_role("button", name="Reject 7", exact=False).first.click()
    assert counts(cast, comments, "status") == {"rejected": 7, "published": 1}
    at.open("/desk/review").press("z")

    at.page.get_by_text("Undone: rejected 7 comments").wait_for()
    assert counts(cast, comments, "status") == {"flagged": 7, "published": 1}
    assert at.said == []


def test_an_author_is_suspended_by_key_beside_the_comment_and_the_key_for_undo_takes_it_back(
    cast: Cast, screen: Open
) -> None:
    author = cast.flagged("You fool.", author="Mira").author_id
    at = screen().log_in("Ana").open("/desk/review").press("w")
    assert at.page.evaluate("document.activeElement.name") == "measure"

    at.page.keyboard.type("Suspend")
    at.page.keyboard.press("Tab")
    at.page.keyboard.type("Insult")
    for words in ("", "7"):
        at.page.keyboard.press("Tab")
        at.page.keyboard.type(words)
    at.page.keyboard.press("Enter")
    at.page.locator("#status .done").get_by_text("Suspended: Mira").wait_for()
    with cast.database.read() as conn:
        assert conn.execute(sa.select(authors.c.standing).where(authors.c.id == author)).scalar() == "suspended"
    at.page.wait_for_selector("html:not([data-busy])")
    at.press("z").page.locator("#status .done").get_by_text("Undone: suspended").wait_for()

    with cast.database.read() as conn:
        assert conn.execute(sa.select(authors.c.standing).where(authors.c.id == author)).scalar() == "normal"


def test_a_key_goes_from_mark_to_mark_in_a_long_comment(cast: Cast, screen: Open) -> None:
    filler = "The crane is fine, and so is the port. " * 60
    cast.flagged(f"You fool. {filler} Rascals! {filler}", evidence=("fool", "Rascals"))
    at = screen().log_in("Ana")

    seen = [at.press(".").page.evaluate("document.activeElement.id") for _ in range(3)]

    assert seen == ["mark-1", "mark-2", "mark-1"]
    assert at.press(".").page.locator("#mark-2").bounding_box()["y"] < 700  # type: ignore[index]


def test_no_tab_is_out_of_sight_on_a_narrow_screen_and_the_current_one_never(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen(width=1024).log_in("Dora")

    nav = at.page.locator(".bar .pages")
    for width in (1024, 1281, 1440, 1600):
        at.page.set_viewport_size({"width": width, "height": 800})
        assert nav.evaluate("nav => nav.scrollWidth <= nav.clientWidth"), width
    at.page.set_viewport_size({"width": 1024, "height": 800})
    queue, text = at.page.locator(".queue").bounding_box(), at.page.locator("#comment").bounding_box()
    assert queue and text and queue["x"] + queue["width"] <= text["x"] and queue["y"] < 300
    at.page.set_viewport_size({"width": 390, "height": 844})
    current = at.open("/desk/audit").page.locator(".bar .pages [aria-current]").bounding_box()
    assert current and current["x"] >= 0 and current["x"] + current["width"] <= 390


def test_everything_works_without_scripts(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=4)
    at = screen(java_script_enabled=False).log_in("Ana")

    at.page.get_by_role("button", name="Approve").click()
    assert "Approved: night_owl_77" in at.status
    at.page.get_by_role("button", name="Undo").click()
    at.page.locator(".queue input[name=ids]").first.check()
    at.page.get_by_role("button", name="Decide the ticked ones").click()
    at.page.get_by_role("button", name="Reject 1", exact=False).first.click()

    assert at.heading.startswith("Rejected 1 comment")
    assert counts(cast, comments, "status")["rejected"] == 1


def test_dragging_the_range_changes_the_number_on_the_button(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=8)
    at = screen().log_in("Ana").open("/desk/bulk?low=0.95&high=1")
    before = at.page.get_by_role("button", name="Approve").inner_text()

    slider = at.page.get_by_label("From, slider")
    slider.focus()
    with at.page.expect_navigation():
        slider.press("Home")

    assert before == "Approve 2"
    assert at.page.get_by_role("button", name="Approve").inner_text() == "Approve 9"


def test_the_line_moves_with_the_slider_and_save_stays_in_sight(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=8)
    page = screen().log_in("Ben").open("/desk/policy").page
    field = page.get_by_label("Toxicity: flag from", exact=True)
    at = page.locator(f"#at-{field.get_attribute('name')}")

    held: list[Route] = []
    page.route("**/try", lambda route: held.insert(0, route), times=1)  # the answer brings a chart of its own
    with page.expect_request("**/try"):
        page.get_by_label("Toxicity, slider", exact=True).press("Home")

    assert field.input_value() == "0"
    assert at.locator("line.limit").get_attribute("x1") == "0"
    assert at.locator("rect.out").count() == 0
    held.pop().continue_()
    page.locator("#replay .changes").wait_for()
    save = page.get_by_role("button", name="Save as version 2").bounding_box()
    assert save and save["y"] + save["height"] <= page.viewport_size["height"]  # type: ignore[index]
    field.fill("7")
    at.get_by_text("This limit is not between 0 and 1.").wait_for()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_scripts_stay_small() -> None:
    scripts = list(STATIC.rglob("*.js"))

    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < 25_000


def test_every_vendored_library_has_its_licence() -> None:
    folders = [path for path in (STATIC / "vendor").iterdir() if path.is_dir()]

    assert folders
    assert all((folder / "LICENSE").is_file() for folder in folders)


def test_no_key_decides_what_others_are_on_duty_for_before_a_press(cast: Cast, screen: Open) -> None:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    mid_shift(cast, comments=1)
    for reason in ("toxicity", "relevance"):
        duties.name_people(cast.database, cast.herald.id, reason, [cast.ids["Eli"]], by=OPERATOR, now=cast.now)
    with cast.database.write() as conn:
        duty_rows.see(conn, cast.ids["Eli"], now=cast.now)
    at = screen().log_in("Ana")

    at.press("a").press("r").press("1")
    assert counts(cast, comments, "status") == {"flagged": 2, "published": 1}
    at.page.locator(".known summary").click()
    at.press("a")

    assert counts(cast, comments, "status") == {"flagged": 1, "published": 2}

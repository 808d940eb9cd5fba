"""Things that only a real browser can show: keys, focus, scripts off, hostile texts, and that axe finds nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import expect

from moderation.authors.tables import authors
from moderation.campaigns.tables import campaigns
from moderation.comments.tables import comments, decisions
from tests.desk.conftest import Open, Screen
from tests.desk.scenes import mid_shift
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "service" / "static"
AXE = Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js"
PAGES = (
    "/desk/review", "/desk/review?escalated=1", "/desk/bulk?low=0.8&high=1", "/desk/history", "/desk/search?q=licence",
    "/desk/trends", "/desk/policy", "/desk/policy/versions/1", "/desk/policy/override", "/desk/people", "/desk/audit",
    "/desk/worth-reading",
    "/desk/decided?status=published",
    "/desk/failed", "/desk/account", "/desk/help", "/desk/nothing-here", "timeline", "author", "decided", "batch",
    "/desk/campaigns", "campaign", "/desk/learning/shadow", "/desk/learning/limits", "/desk/reasons",
    "/desk/views", "article",
)  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}", "</textarea></title></style><iframe src=javascript:alert(1)>", "javascript:alert(1)",
    "\u202egnp.exe\u2066 <b>bold</b>", "a" * 300, "Z\u0351\u036b\u0343" * 40,
)  # fmt: skip


def counts(cast: Cast, table: sa.Table, column: str) -> dict[str, int]:
    with cast.database.read() as conn:
        rows = conn.execute(sa.select(table.c[column], sa.func.count()).group_by(table.c[column]))
        return {row[0]: row[1] for row in rows}


def paths(cast: Cast) -> list[str]:
    with cast.database.read() as conn:
        comment = conn.execute(sa.select(comments).order_by(comments.c.id.desc()).limit(1)).one()
        done = conn.execute(sa.select(decisions.c.comment_id).where(decisions.c.moderator_id.is_not(None))).scalar()
        batch = conn.execute(sa.select(decisions.c.batch_id).where(decisions.c.batch_id.is_not(None))).scalar()
        campaign = conn.execute(sa.select(campaigns.c.id)).scalar()
    special = {
        "timeline": f"/desk/comments/{comment.id}",
        "author": f"/desk/authors/{comment.author_id}",
        "article": f"/desk/articles/{comment.article_id}",
        "decided": f"/desk/review/{done}",
        "batch": f"/desk/batches/{batch}",
        "campaign": f"/desk/campaigns/{campaign}",
    }
    return [special.get(path, path) for path in PAGES]


def half_undone_batch(cast: Cast) -> None:
    """Two comments that are rejected together; all is taken back, and one of them is decided again."""
    ana = Browser(_client(cast)).log_in("Ana")
    with cast.database.read() as conn:
        flagged = sa.select(comments.c.id, comments.c.version).where(comments.c.status == "flagged")
        ticked = [f"{id}:{version}" for id, version in conn.execute(flagged.order_by(comments.c.id).limit(2))]
    undone = ana.get(f"/desk/bulk/selection?ids={'&ids='.join(ticked)}").press("Reject 2").press("Undo 2")
    ana.get(f"/desk/review/{ticked[0].partition(':')[0]}").press("Reject")
    assert undone.has_button("Redo 2")


def treated_campaign(cast: Cast) -> None:
    """Copies by four readers: one is online, three wait, and what comes like them is not held for being a copy."""
    text = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro"
    copies = [cast.published(text, author="Una")]
    copies += [cast.flagged(f"{text} {'!' * number}", author=f"Reader {number}") for number in range(3)]
    ana = Browser(_client(cast)).log_in("Ana")
    page = ana.get(f"/desk/review/{copies[-1].id}").follow("Posted before: 3").press("Approve 3", treat="1")
    assert page.press("Undo 3").status == 200


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


def test_flagged_words_are_hidden_until_asked_and_that_is_remembered(cast: Cast, screen: Open) -> None:
    cast.flagged("You are a fool.", evidence=("fool",))
    at = screen().log_in("Ana")
    word = at.page.locator("#comment mark .word")
    assert not word.is_visible()

    with at.page.expect_response("**/desk/preferences"):
        at.press("m")

    assert word.is_visible()
    at.open("/desk/review")
    assert at.page.locator("#comment mark .word").is_visible()


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


def test_one_box_ticks_a_list_and_one_key_undoes_the_batch(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana")

    at.page.get_by_label("Select all").check()
    at.page.get_by_role("button", name="Decide the ticked ones").click()
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

    nav = at.page.locator(".bar nav")
    for width in (1024, 1281, 1440, 1600):
        at.page.set_viewport_size({"width": width, "height": 800})
        assert nav.evaluate("nav => nav.scrollWidth <= nav.clientWidth"), width
    at.page.set_viewport_size({"width": 1024, "height": 800})
    queue, text = at.page.locator(".queue").bounding_box(), at.page.locator("#comment").bounding_box()
    assert queue and text and queue["x"] + queue["width"] <= text["x"] and queue["y"] < 300
    at.page.set_viewport_size({"width": 390, "height": 844})
    current = at.open("/desk/audit").page.locator(".bar nav [aria-current]").bounding_box()
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

    page.get_by_label("Toxicity, slider", exact=True).press("Home")

    assert field.input_value() == "0"
    assert at.locator("line.limit").get_attribute("x1") == "0"
    assert at.locator("rect.out").count() == 0
    page.locator("#replay .changes").wait_for()
    save = page.get_by_role("button", name="Save as version 2").bounding_box()
    assert save and save["y"] + save["height"] <= page.viewport_size["height"]  # type: ignore[index]
    field.fill("7")
    at.get_by_text("This limit is not between 0 and 1.").wait_for()
    expect(field).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(("color_scheme", "widths"), [("light", (1280, 390)), ("dark", (768,))])
def test_axe_finds_nothing_on_any_page_at_any_width(
    cast: Cast, screen: Open, color_scheme: str, widths: tuple[int, ...]
) -> None:
    """Colours are the same at any width, so that each width needs only one of the schemes."""
    mid_shift(cast)
    half_undone_batch(cast)
    treated_campaign(cast)
    at = screen(color_scheme=color_scheme).open("/desk/login")
    found = _violations(at, "login 1280")
    at.log_in("Dora").press("1").press("e").press("a").press("z")

    for width in widths:
        at.page.set_viewport_size({"width": width, "height": 900})
        for path in paths(cast):
            found += _violations(at.open(path), f"{path} {width}")

    assert found == []


def _violations(at: Screen, where: str) -> list[str]:
    at.page.evaluate(AXE.read_text(encoding="utf-8"))
    result = at.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    width = at.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    told = [f"{where}: scrolls sideways by {width} px"] if width > 0 else []
    return told + [
        f"{where}: {v['id']}: {json.dumps([n['target'] for n in v['nodes']][:3])}" for v in result["violations"]
    ]


STRAYS = "iframe, img, script:not([src]):not(#words[type='application/json']), [onerror], [onload], [onmouseover]"
"""Elements that no template makes. The script without an address is data: the words of the desk's script."""


def test_hostile_texts_stay_texts_on_every_page(cast: Cast, screen: Open) -> None:
    for number, text in enumerate(HOSTILE):
        cast.flagged(
            f"{text} {number}", author=text[:200], evidence=(text[:20],), language="en",
            article_id=f"a-{number}",
            article={"title": text, "section": text[:100], "url": text, "question": text},
        )  # fmt: skip
    at = screen().log_in("Dora")
    with cast.database.read() as conn:
        every = list(conn.execute(sa.select(comments.c.id, comments.c.author_id, comments.c.article_id)))
    note = HOSTILE[0] + HOSTILE[1]
    Browser(_client(cast)).log_in("Ana").get(f"/desk/review/{every[0].id}").press("Reject", note=note)
    half_undone_batch(cast)
    own = [f"/desk/review/{c.id}" for c in every] + [f"/desk/comments/{c.id}" for c in every]
    own += [f"/desk/authors/{c.author_id}" for c in every] + [f"/desk/review?article={c.article_id}" for c in every]
    own += [f"/desk/search?q={text[:40]}" for text in HOSTILE if "#" not in text and "%" not in text]

    for path in [*paths(cast), *own]:
        at.open(path)
        strays = at.page.locator(STRAYS).count()
        assert (path, strays) == (path, 0)

    foreign = [word for word in at.said if "404" not in word]  # the page that is not there
    assert foreign == []
    assert counts(cast, comments, "status")["rejected"] == 2


def _client(cast: Cast) -> FlaskClient:
    from moderation.environment.settings import Settings
    from service.app import create_app

    return create_app(Settings(demo=True), database=cast.database, queues=cast.queues).test_client()


def test_scripts_stay_small() -> None:
    scripts = list(STATIC.rglob("*.js"))

    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < 25_000


def test_every_vendored_library_has_its_licence() -> None:
    folders = [path for path in (STATIC / "vendor").iterdir() if path.is_dir()]

    assert folders
    assert all((folder / "LICENSE").is_file() for folder in folders)

"""The box as a guest of a newsroom's page: it stays inert, still and silent, and brings nothing along."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.sites import own_texts
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule
from service.context import utc_now
from tests.builders import OPERATOR
from tests.embed.conftest import Boxed, Newsroom, Visit
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{count}", "</textarea></title></style><iframe src=javascript:alert(1)>", "javascript:alert(1)",
    "\u202egnp.exe\u2066 <b>bold</b>", "a" * 300, "Z\u0351\u036b\u0343" * 40,
)  # fmt: skip
STRAYS = "iframe, img, script, b, svg, [onerror], [onload], [onmouseover]"
SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts.push(shift.value);
    }).observe({ type: "layout-shift", buffered: true });
"""


def discussion(cast: Cast, count: int = 12, article: str = "a-1") -> None:
    for number in range(count):
        cast.published(
            f"The port needs crane {number}.", author=f"Reader {number}", article_id=article, id=f"r-{number}"
        )
        cast.published(f"No. {number}", author="Una", article_id=article, parent_id=f"r-{number}")


def test_the_box_leads_to_the_rules_of_the_rule_book_in_its_own_language(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    newsroom.language = "de"
    rule = HouseRule("insults", "Keine Beleidigungen", "Bleiben Sie sachlich.")
    rule_book.put_rule(cast.database, newsroom.site_id, rule, by=OPERATOR, now=utc_now())

    at = visit(reader="Dana").come_near()
    link = at.box.get_by_role("link", name="Unsere Regeln")
    expect(link).to_be_visible()
    assert at.faults() == []
    link.click()

    expect(at.page.get_by_role("heading", name="Keine Beleidigungen")).to_be_visible()
    assert at.page.locator("html").get_attribute("lang") == "de"


def test_markup_in_every_field_stays_text(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    for number, text in enumerate(HOSTILE):
        known = {"article": {"title": text}, "author": text[:200]}
        cast.published(f"{text} {number}", id=f"r-{number}", **known)
        cast.published(f"{text} reply {number}", parent_id=f"r-{number}", **known)
    hostile = {code: f"{HOSTILE[1]} {code} {{until}}" for code in ("suspended_until",)}
    codes = (
        "post",
        "reply",
        "report",
        "edited",
        "placeholder",
        "no_name",
        "more",
        "write_first",
        "report_spam",
        "sign_in",
    )
    hostile |= {code: f"{HOSTILE[1]} {code}" for code in codes}
    own_texts.put(cast.database, newsroom.site_id, "en", hostile, by=OPERATOR, now=utc_now())
    cast.published("Mine.", author="Dana")
    measure = {"measure": "suspend", "days": 3, "reason": HOSTILE[1]}
    assert newsroom.api.post("/v1/authors/dana/measures", measure).status_code == 201

    signed_out = visit().come_near()
    suspended = visit(reader="Dana").come_near()
    expect(suspended.box).to_contain_text(f"Reason: {HOSTILE[1]}")
    writing = visit(reader="Eve").come_near()
    newsroom.reader = {"sub": "eve", "name": HOSTILE[1]}
    writing.page.evaluate("gavel.refresh()")
    expect(writing.box).to_contain_text(HOSTILE[1])
    writing.box.get_by_role("button", name="report").first.click()
    writing.box.get_by_role("textbox").first.fill("".join(HOSTILE))
    writing.box.get_by_role("button", name="post").first.click()

    for at in (signed_out, suspended, writing):
        for text in HOSTILE:
            expect(at.box).to_contain_text(text)
        assert at.box.locator(STRAYS).count() == 0
        assert at.said == []


def test_nothing_is_fetched_before_it_comes_near(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    discussion(cast, 2)
    newsroom.pages["far"] = f"<div class=gap></div>{newsroom.tag()}"
    newsroom.style = ".gap { height: 6000px }"
    at = visit("none")
    asked: list[str] = []
    at.page.on("request", lambda request: asked.append(request.url))

    at.open("/far")
    at.page.wait_for_load_state("networkidle")
    before = list(asked)
    at.come_near()
    expect(at.box).to_contain_text("4 comments")

    assert not [url for url in before if "/v1/" in url or url.endswith("/token")]
    own = (newsroom.gavel, newsroom.address)
    assert all(url.startswith(own) for url in asked if not url.startswith("data:"))
    assert at.page.context.cookies() == []


def test_nothing_moves_under_the_readers_eyes(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    """Also where every answer takes its time, and the box is in view from the start."""
    discussion(cast, 25)
    newsroom.pages["short"] = newsroom.tag()
    at = visit("none", reader="Dana")
    at.page.add_init_script(SHIFTS)
    at.page.route("**/v1/**", lambda route: later(at, route))
    at.page.route("**/token", lambda route: later(at, route))

    at.open("/short")
    expect(at.comment("crane 24")).to_be_visible()
    expect(at.comment("crane 24").get_by_role("button", name="Reply").first).to_be_visible()
    at.write("At last. Will the last boat wait for the train?")
    expect(at.comment("At last.")).to_contain_text("A moderator will read")
    at.box.get_by_role("button", name="More comments").click()
    expect(at.comment("crane 0")).to_be_attached()
    at.box.get_by_label("Sort comments").select_option("oldest")
    expect(at.box.locator("article").nth(1)).to_contain_text("crane 0")

    assert at.page.evaluate("window.shifts") == []


def later(at: Boxed, route: Route) -> None:
    at.page.wait_for_timeout(700)
    route.continue_()


def test_styles_neither_leak_in_nor_out(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    discussion(cast, 1)
    at = visit(reader="Dana").come_near()
    inside = "getComputedStyle(document.querySelector('gavel-comments').shadowRoot.querySelector('button'))"
    plain = at.page.evaluate(f"[{inside}.letterSpacing, {inside}.textTransform, {inside}.display]")
    heading = "getComputedStyle(document.querySelector('h1')).cssText"
    outside = at.page.evaluate(heading)

    newsroom.style = """
        * { letter-spacing: 9px !important; text-transform: uppercase !important }
        button { display: none !important } .box, .comment { position: fixed }
    """
    loud = visit(reader="Dana").come_near()
    newsroom.style = ""
    without = visit("none")

    assert loud.page.evaluate(f"[{inside}.letterSpacing, {inside}.textTransform, {inside}.display]") == plain
    assert without.page.evaluate(heading) == outside


@pytest.mark.parametrize(
    "words", ["a-slug-of-an-article-as-front-pages-have-many-of-them-{}" * 2, "Überraschung-文章の長い名前-{}-" * 6]
)
def test_a_front_page_of_many_articles_shows_all_numbers(
    cast: Cast, newsroom: Newsroom, visit: Visit, words: str
) -> None:
    """More than one address can hold, by their number or by their length."""
    articles = [words.replace("{}", str(number)) for number in range(130)]
    cast.published("Only one here.", article_id=articles[-1])
    newsroom.pages["front"] = " ".join(f'<a data-gavel-count="{article}"></a>' for article in articles) + newsroom.tag(
        "a-1"
    )
    asked: list[str] = []
    at = visit("none")
    at.page.on("request", lambda request: asked.append(request.url))

    at.open("/front")

    expect(at.page.locator("[data-gavel-count]")).to_have_text(["No comments yet"] * 129 + ["1 comment"])
    counts = [url for url in asked if "/counts?" in url]
    assert len(counts) > 1 and max(map(len, counts)) < 8_000
    assert sum(url.count("article=") for url in counts) == 130


def test_two_boxes_a_page_that_changes_and_counts_in_one_request(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    discussion(cast, 2, "a-1")
    cast.published("Only one here.", article_id="a-2")
    newsroom.pages["two"] = (
        '<a data-gavel-count="a-1"></a> <a data-gavel-count="a-2"></a> <a data-gavel-count="a-9"></a>'
        f"{newsroom.tag('a-1')}{newsroom.tag('a-2')}"
    )
    asked: list[str] = []
    at = visit("none", reader="Dana")
    at.page.on("request", lambda request: asked.append(request.url))
    at.open("/two")
    boxes = at.page.locator("gavel-comments")
    boxes.last.scroll_into_view_if_needed()

    expect(boxes.first).to_contain_text("4 comments")
    expect(boxes.last).to_contain_text("1 comment")
    expect(at.page.locator("[data-gavel-count]")).to_have_text(["4 comments", "1 comment", "No comments yet"])
    assert len([url for url in asked if "/counts?" in url]) == 1
    at.page.evaluate("document.querySelector('gavel-comments').dataset.article = 'a-2'")
    expect(boxes.first).to_contain_text("Only one here.")
    at.page.evaluate("""() => {
        document.querySelector("main").replaceChildren();
        const box = document.createElement("gavel-comments");
        box.dataset.article = "a-1";
        document.querySelector("main").append(box);
    }""")
    expect(at.box).to_contain_text("4 comments")
    assert at.said == []


def test_a_link_leads_to_a_comment_wherever_it_stands(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    discussion(cast, 30)
    at = visit("a-1#gavel-r-0")

    expect(at.comment("crane 0.")).to_be_in_viewport()
    assert at.page.evaluate("document.activeElement.shadowRoot.activeElement.id") == "c-r-0"
    at.page.evaluate("location.hash = '#gavel-r-29'")
    expect(at.comment("crane 29.")).to_be_in_viewport()


def test_a_linked_comment_stays_in_view_when_the_pages_style_comes_late(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    discussion(cast, 30)
    newsroom.style, newsroom.style_comes_after_s = "p { line-height: 6; }", 1.5

    at = visit("a-1#gavel-r-0")

    expect(at.comment("crane 0.")).to_be_in_viewport()


def test_new_comments_are_offered_and_not_pushed_in(cast: Cast, visit: Visit) -> None:
    discussion(cast, 2)
    at = visit().come_near()
    cast.published("Just now.", now=utc_now())

    at.look()
    at.box.get_by_role("button", name="New comments: 1").click()

    expect(at.comment("Just now.")).to_be_visible()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_discussion_is_accessible_in_both_directions(
    cast: Cast, newsroom: Newsroom, visit: Visit, direction: str
) -> None:
    discussion(cast, 5)
    assert newsroom.api.delete("/v1/comments/r-0").status_code == 200  # its reply stays
    newsroom.direction = direction
    picked = cast.published("The port needs a second crane.", author="Una")
    feature = Pick(picked.id, picked.version + 1, True)
    featuring.pick(cast.database, cast.moderator("Ben"), feature, now=utc_now(), hold_s=0)
    at = visit(reader="Dana").come_near()
    expect(at.comment("crane 4.").get_by_role("button", name="Report").first).to_be_visible()
    expect(at.box).to_contain_text("This comment is no longer here.")

    found = {"open": at.faults()}
    for name in ("Report: Reader 4", "Reply: Reader 4"):
        at.box.get_by_role("button", name=name).first.click()
        found[name] = at.faults()
        at.box.get_by_role("button", name="Cancel").first.click()

    assert not any(found.values()), found

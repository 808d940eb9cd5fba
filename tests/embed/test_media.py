"""The box on paper, in forced colours, in other languages, and with marks that climb over their line."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import ElementHandle, Locator, Page, expect

from tests.embed.conftest import Newsroom, Visit
from tests.embed.test_states import press
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

ZALGO = "Z" + "\u0351\u036b\u0343\u0313" * 40
READABLE = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum


@pytest.fixture(autouse=True)
def discussed(cast: Cast) -> None:
    cast.published("The port needs a second crane.", author="Una", id="una-1")
    cast.published("Nobody needs cranes.", author="Eve", id="eve-1")


# Between the lightest and the darkest point: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
CONTRAST = """async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    let [darkest, lightest] = [1, 0];
    for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue] = [0, 1, 2].map((part) => linear(data[at + part] / 255));
        const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        [darkest, lightest] = [Math.min(darkest, light), Math.max(lightest, light)];
    }
    return (lightest + 0.05) / (darkest + 0.05);
}"""


LETTERS = """(node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x: x + scrollX + 1, y: y + scrollY + 1, width: width - 2, height: height - 2 };
}"""


def contrast(node: Locator, blank: Page) -> float:
    """Of the letters with what is right behind them, as they are painted: forced colours put a plate there."""
    clip = node.evaluate(LETTERS)
    png = base64.b64encode(node.page.screenshot(clip=clip, full_page=True, animations="disabled")).decode()
    ratio: float = blank.evaluate(CONTRAST, png)
    return ratio


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_button_can_be_read_in_forced_colours(visit: Visit, scheme: str) -> None:
    at = visit(reader="Dana", forced_colors="active", color_scheme=scheme).come_near()
    eve = at.comment("Nobody")
    expect(eve.get_by_role("button", name="Reply")).to_be_visible()
    press(eve, "Report: Eve")
    at.page.mouse.move(0, 0)

    buttons = at.box.get_by_role("button").all()

    assert len(buttons) >= 5
    blank = at.page.context.new_page()
    seen = [(contrast(button, blank), button.inner_text()) for button in buttons]
    assert min(seen)[0] >= READABLE, seen
    at.box.get_by_role("button", name="Post").hover()
    assert contrast(at.box.get_by_role("button", name="Post"), blank) >= READABLE


def test_paper_has_the_comments_and_no_forms(visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    expect(at.comment("Nobody").get_by_role("button", name="Reply")).to_be_visible()
    press(at.comment("Nobody"), "Reply: Eve")
    expect(at.box.get_by_role("textbox")).to_have_count(2)

    at.page.emulate_media(media="print")

    for role in ("button", "textbox", "combobox"):
        expect(at.box.get_by_role(role)).to_have_count(0)
    expect(at.comment("Nobody")).to_be_visible()
    expect(at.box).to_contain_text("2 comments")


@pytest.mark.parametrize(("asked", "spoken"), [("de", "de"), ("de-AT", "de-AT"), ("sv", "en")])
def test_the_box_says_its_language(newsroom: Newsroom, visit: Visit, asked: str, spoken: str) -> None:
    newsroom.language = "fr"
    newsroom.pages["a-1"] = newsroom.tag(data_language=asked)

    at = visit().come_near()

    expect(at.box.locator("section")).to_have_attribute("lang", spoken)


@pytest.mark.parametrize("where", [".text", "strong"])
def test_marks_that_climb_paint_over_no_other_comment(visit: Visit, where: str) -> None:
    at = visit().come_near()
    expect(at.comment("Nobody")).to_be_visible()
    newest, older = at.comment("Nobody"), at.comment("second crane")

    def neighbours() -> list[bytes]:
        return [newest.locator(".text").screenshot(), at.box.locator(".tally").screenshot()]

    node = older.locator(where).element_handle()
    set_text(node, "Z")
    before = neighbours()
    set_text(node, ZALGO)

    assert neighbours() == before


def set_text(node: ElementHandle, text: str) -> None:
    node.evaluate("(node, text) => { node.textContent = text; }", text)

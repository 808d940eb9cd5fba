"""The test of the rule book: blind, case by case, then rule by rule; leads see everybody's results."""

from __future__ import annotations

import pytest

from moderation.sites.rules import writing
from moderation.sites.rules.values import HouseRule, Must
from tests.builders import OPERATOR
from tests.moderation.sites.rules.test_rule_book import a_case
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

RIGHT = {"You fool": Must.HELD, "Well said": Must.PASS, "Buy here": Must.HELD}


@pytest.fixture
def book(cast: Cast) -> None:
    insults = tuple(a_case(text, RIGHT[text]) for text in ("You fool", "Well said"))
    spam = (a_case("Buy here", Must.HELD),)
    rules = (
        HouseRule("insults", "No insults", "Be kind.", "Public figures bear more."),
        HouseRule("spam", "No spam", "Sell nothing."),
    )
    for rule, cases in zip(rules, (insults, spam), strict=True):
        writing.put_rule(cast.database, cast.herald.id, rule, by=OPERATOR, now=cast.now)
        for case in cases:
            writing.add_case(cast.database, cast.herald.id, rule.key, case, by=OPERATOR, now=cast.now)


def shown(page: Page) -> str:
    return next(text for text in RIGHT if text in page.text)


def take(cast: Cast, browser: Browser, *wrong: str) -> Page:
    """All cases, these of them wrongly."""
    page = browser.get("/desk/rules", site=cast.herald.id).follow("Test yourself on the cases")
    while "Case " in page.text:
        held = (RIGHT[shown(page)] is Must.HELD) != (shown(page) in wrong)
        page = page.press("Hold" if held else "Let it pass")
    return page


@pytest.mark.usefixtures("book")
def test_a_case_is_shown_without_rule_and_answer_and_takes_a_key(cast: Cast, ana: Browser) -> None:
    page = ana.get("/desk/rules/test", site=cast.herald.id)

    assert "Case 1 of 3." in page.text
    assert [page.button(name)["data-key"] for name in ("Hold", "Let it pass")] == ["h", "p"]
    main = page.html.find("main")
    assert main is not None
    assert not any(words in main.get_text() for words in ("No insults", "No spam", "Must be held", "Must pass"))
    assert sum(text in page.text for text in RIGHT) == 1


@pytest.mark.usefixtures("book")
def test_at_the_end_it_says_rule_by_rule_how_many_were_right(cast: Cast, ana: Browser) -> None:
    page = take(cast, ana, "Well said")

    assert "1 of 2 right" in page.region("No insults") and "Public figures bear more." in page.region("No insults")
    assert "1 of 1 right" in page.region("No spam")
    assert "Case 1 of 3." in page.press("Take it again").text


@pytest.mark.usefixtures("book")
def test_leads_see_how_people_did_and_moderators_do_not(cast: Cast, ana: Browser, ben: Browser) -> None:
    mine = take(cast, ana, "Well said", "Buy here")
    theirs = ben.get("/desk/rules/test", site=cast.herald.id)

    assert "How people did" not in mine.text
    table = theirs.html.find("table")
    assert table is not None
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"])] for row in table.select("tbody tr")
    ]
    assert [row[:3] for row in rows] == [["Ana", "3 of 3", "1"]]


@pytest.mark.usefixtures("book")
def test_the_first_answer_counts_and_another_desks_or_an_unknown_case_is_not_found(
    cast: Cast, ana: Browser, carla: Browser
) -> None:
    page = ana.get("/desk/rules/test", site=cast.herald.id)
    case = next(case for rule in writing.rule_book(cast.database, cast.herald.id).rules for case in rule.cases)
    answer = {"site": cast.herald.id, "case": case.id, "said": "held"}
    ana.post("/desk/rules/test", answer)
    ana.post("/desk/rules/test", {**answer, "said": "pass"})

    assert "Case 2 of 3." in ana.get("/desk/rules/test", site=cast.herald.id).text
    assert "1 of 2 right" in take(cast, ana, "Well said").region("No insults")
    assert page.status == 200
    assert carla.post("/desk/rules/test", answer).status in (403, 404)
    assert ana.post("/desk/rules/test", {**answer, "case": cast.ids["Ana"]}).status == 404


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(("changes", "field"), [({"said": "perhaps"}, "said"), ({"case": "7"}, "case")])
def test_bad_input_names_the_field(cast: Cast, ana: Browser, changes: dict[str, str], field: str) -> None:
    page = ana.post("/desk/rules/test", {"site": cast.herald.id, "case": cast.ids["Ana"], "said": "held", **changes})

    assert page.status == 422 and field in page.text.lower()


def test_without_cases_it_says_so(cast: Cast, ana: Browser) -> None:
    assert "The rules have no cases yet." in ana.get("/desk/rules/test", site=cast.herald.id).text

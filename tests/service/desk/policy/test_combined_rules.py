"""Rules on several signals, on the policy page and beside the comments that they hold."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.values.comments import Comment
from moderation.judging.policy.ready import READY
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow
from service.desk.frame.sentences.wording import READY_LABELS
from service.desk.policy.shown_rules import OFFERS
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast, newsroom_policy

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NEWCOMERS_LINK: dict[str, Any] = {
    "all": [{"signal": "author.published", "below": 3}, {"signal": "links", "at_least": 1}],
    "action": "flag",
    "label": "A newcomer's link",
}
FEW_FIELD = "A newcomer's link: Author's published comments below"
OFFER = "Links by authors with fewer than three comments online go to a moderator"


def has(cast: Cast, *rules: dict[str, Any], **changed: Any) -> None:
    with cast.database.write() as conn:
        document = {**newsroom_policy(), **changed}
        document["rules"] = [*document["rules"], *rules]
        sites.insert_policy(conn, cast.herald.id, PolicyRow(2, document, None, "test", cast.now))


def saved(cast: Cast) -> dict[str, Any]:
    with cast.database.read() as conn:
        return dict(sites.current_policy(conn, cast.herald.id).document)


def combined(cast: Cast) -> list[dict[str, Any]]:
    return [rule for rule in saved(cast)["rules"] if "all" in rule]


def policy_page(cast: Cast, browser: Browser) -> Page:
    return browser.get("/desk/policy", site=cast.herald.id)


def name_of(page: Page, label: str) -> str:
    return str(page.html.find("input", attrs={"aria-label": label})["name"])  # type: ignore[index]


def test_each_of_its_limits_can_be_tried_and_saved(cast: Cast, ben: Browser) -> None:
    has(cast, NEWCOMERS_LINK)
    cast.settled("See https://example.org/a", scores={"links": 1.0, "author.published": 4.0})
    page = policy_page(cast, ben)
    field = {name_of(page, FEW_FIELD): "5"}

    tried = page.press("Show what changes", **field)
    page.press("Save as version 3", **field)

    assert "1 held (now 0): +1" in tried.text
    assert "A newcomer's link, flag: Author's published comments below 3 and Links from 1 →" in tried.text
    assert combined(cast) == [
        {**NEWCOMERS_LINK, "all": [{"signal": "author.published", "below": 5}, {"signal": "links", "at_least": 1}]}
    ]


def test_it_can_be_left_out(cast: Cast, ben: Browser) -> None:
    has(cast, NEWCOMERS_LINK)
    page = policy_page(cast, ben)
    use = "use-" + name_of(page, FEW_FIELD).split("-")[1]
    page.html.find("input", attrs={"name": use}).decompose()  # type: ignore[union-attr]

    page.press("Save as version 3")

    assert combined(cast) == []


def test_one_can_be_added(cast: Cast, ben: Browser) -> None:
    fields = {
        "signal-with-0": "author.published",
        "limit-with-0": "2",
        "signal-with-1": "toxicity",
        "limit-with-1": "0.5",
        "label-with": "Rude newcomers",
    }

    policy_page(cast, ben).press("Save as version 2", **fields)

    assert combined(cast) == [
        {
            "all": [{"signal": "author.published", "below": 2}, {"signal": "toxicity", "at_least": 0.5}],
            "action": "flag",
            "label": "Rude newcomers",
        }
    ]


def test_one_condition_alone_is_refused(cast: Cast, ben: Browser) -> None:
    fields = {"signal-with-0": "author.published", "limit-with-0": "2"}

    page = policy_page(cast, ben).press("Save as version 2", **fields)

    assert page.status == 422
    assert page.html.select_one("#problem-rule-with").get_text() == "This rule needs 2 to 5 conditions."  # type: ignore[union-attr]
    assert page.field_named("limit-with-0") == "2"
    assert combined(cast) == []


def test_its_sentence_takes_another_condition_and_another_action(cast: Cast, ben: Browser) -> None:
    has(cast, NEWCOMERS_LINK)
    page = policy_page(cast, ben)
    place = name_of(page, FEW_FIELD).split("-")[1]
    more = {f"signal-{place}-2": "relevance", f"limit-{place}-2": "0.2", f"action-{place}": "reject"}

    page.press("Save as version 3", **more, **{f"label-{place}": "Stray links of newcomers"})

    added = {"signal": "relevance", "below": 0.2}
    assert combined(cast) == [
        {"all": [*NEWCOMERS_LINK["all"], added], "action": "reject", "label": "Stray links of newcomers"}
    ]


def test_a_condition_is_removed_from_its_sentence(cast: Cast, ben: Browser) -> None:
    third = {"signal": "contacts", "at_least": 1}
    has(cast, {**NEWCOMERS_LINK, "all": [*NEWCOMERS_LINK["all"], third]})
    page = policy_page(cast, ben)
    place = name_of(page, FEW_FIELD).split("-")[1]

    page.press("Save as version 3", **{f"signal-{place}-1": ""})

    assert [rule["all"] for rule in combined(cast)] == [[NEWCOMERS_LINK["all"][0], third]]


def test_a_wrong_limit_of_a_sentence_is_named_beside_it(cast: Cast, ben: Browser) -> None:
    has(cast, NEWCOMERS_LINK)
    page = policy_page(cast, ben)
    field = name_of(page, FEW_FIELD)

    page = page.press("Show what changes", **{field: "0.5"})

    assert page.status == 422
    said = page.html.select_one(f"#problem-{field}").get_text()  # type: ignore[union-attr]
    assert said == "This limit is not a whole number from 1 up."
    assert page.html.select_one(f"#{field}")["aria-invalid"] == "true"  # type: ignore[index]


def test_a_ready_rule_is_offered_until_the_policy_has_it(cast: Cast, ben: Browser) -> None:
    has(cast)
    page = policy_page(cast, ben)
    assert OFFERS.keys() == READY.keys()
    assert {rule["label"] for rule in READY.values()} == READY_LABELS
    assert "The first three comments of a new author go to a moderator" in page.text

    page = page.press("Save as version 3", **{str(page.field(OFFER)["name"]): "1"})

    assert combined(cast) == [NEWCOMERS_LINK]
    assert OFFER not in page.text


def test_a_held_comment_shows_every_value_beside_its_limit(cast: Cast, ben: Browser) -> None:
    has(cast, NEWCOMERS_LINK)
    comment = cast.settled("See here.", scores={"links": 2.0, "author.published": 0.0}, evidence=())

    page = ben.get(f"/desk/review/{comment.id}")
    timeline = ben.get(f"/desk/comments/{comment.id}")

    why = page.region("Why it is here")
    assert "A newcomer's link" in why
    assert "Author's published comments 0 (below 3)" in why
    assert "and Links 2 (at least 1)" in why
    assert "A newcomer's link: Author's published comments 0 (below 3) and Links 2 (at least 1)" in timeline.text


def test_the_queue_names_the_rule_in_the_words_of_the_site(cast: Cast, ana: Browser) -> None:
    several = [{"signal": "insult", "at_least": 0.1}, {"signal": "links", "at_least": 2}]
    has(cast, NEWCOMERS_LINK, {**NEWCOMERS_LINK, "all": several, "label": "Angry links"})
    ready = cast.settled("See here.", scores={"links": 1.0, "author.published": 0.0}, evidence=())
    own = cast.settled("See there.", scores={"links": 2.0, "author.published": 9.0, "insult": 0.2}, evidence=())
    plain = cast.flagged("You fool.")

    page = ana.get("/desk/review")
    ana.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    german = ana.get("/desk/review")

    assert [tag_of(page, each) for each in (ready, own)] == ["A newcomer's link", "Angry links"]
    assert tag_of(page, plain).startswith("Toxicity")
    assert [tag_of(german, each) for each in (ready, own)] == ["Link eines neuen Autors", "Angry links"]


def tag_of(page: Page, comment: Comment) -> str:
    (tag,) = page.html.select(f"li[data-line='{comment.id}'] .tags .tag:first-child")
    return tag.get_text().strip()


def test_a_sections_rule_on_several_signals_is_kept_and_can_be_removed(cast: Cast, ben: Browser) -> None:
    own = {"rules": [NEWCOMERS_LINK], "without": ["relevance"]}
    has(cast, sections={"sport": own})
    page = ben.get("/desk/policy/override", site=cast.herald.id, kind="sections", name="sport")
    assert "A newcomer's link: flag where" in page.text

    page.press("Save as version 3", **{"mode-toxicity": "own", "limit-toxicity": "0.9"})
    kept = saved(cast)["sections"]["sport"]["rules"]
    page = ben.get("/desk/policy/override", site=cast.herald.id, kind="sections", name="sport")
    page.html.find("input", attrs={"name": "use-combined-0"}).decompose()  # type: ignore[union-attr]
    page.press("Save as version 4")

    assert NEWCOMERS_LINK in kept
    assert [rule["signal"] for rule in saved(cast)["sections"]["sport"]["rules"]] == ["toxicity"]


def test_lists_of_domains_are_saved_and_said(cast: Cast, ben: Browser) -> None:
    policy_page(cast, ben).press(
        "Save as version 2", blocked_domains="casino.example\nwww.spam.example", allowed_domains="herald.example"
    )

    document = saved(cast)
    assert document["blocked_domains"] == ["casino.example", "spam.example"]
    assert document["allowed_domains"] == ["herald.example"]
    compared = ben.get("/desk/policy/versions/1", site=cast.herald.id).region("Compared")
    assert "Blocked domains: casino.example, spam.example added" in compared


def test_the_lists_that_come_with_gavel_are_switched_off_and_on_again(cast: Cast, ben: Browser) -> None:
    page = policy_page(cast, ben)
    box = page.html.find("input", attrs={"type": "checkbox", "name": "shipped_words"})
    assert box is not None and box.has_attr("checked")

    box.decompose()
    page.press("Save as version 2")
    off = saved(cast)["shipped_words"]
    compared = ben.get("/desk/policy/versions/1", site=cast.herald.id)
    page = policy_page(cast, ben)
    page.press("Save as version 3", shipped_words="1")

    assert (off, saved(cast)["shipped_words"]) == (False, True)
    assert "Word lists that come with Gavel: no longer used" in compared.text

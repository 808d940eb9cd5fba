"""Limits of sections and articles on the desk: each change is a new version of the policy."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import PolicyRow
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast, newsroom_policy

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SPORT: dict[str, Any] = {
    "rules": [{"signal": "toxicity", "at_least": 0.9, "action": "flag", "label": "Toxic, even for sport"}],
    "without": ["relevance"],
}


def current(cast: Cast) -> PolicyRow:
    with cast.database.read() as conn:
        return sites.current_policy(conn, cast.herald.id)


def has(cast: Cast, **overrides: Any) -> None:
    with cast.database.write() as conn:
        document = {**newsroom_policy(), **overrides}
        sites.insert_policy(conn, cast.herald.id, PolicyRow(2, document, None, "test", cast.now))


def form(cast: Cast, browser: Browser, **query: str) -> Page:
    return browser.get("/desk/policy/override", site=cast.herald.id, **query)


def test_limits_of_a_section_are_added_as_a_new_version(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id).follow("Add limits for a section or an article")

    page = page.press(
        "Save as version 2",
        kind="sections",
        name=" Sport ",
        note="It is rougher there",
        **{"mode-toxicity": "own", "limit-toxicity": "0.9", "mode-relevance": "none"},
    )

    assert page.heading() == "Policy 2"
    saved = current(cast)
    rule = {"signal": "toxicity", "at_least": 0.9, "action": "flag", "label": ""}
    assert saved.document["sections"] == {"Sport": {"rules": [rule], "without": ["relevance"]}}
    assert saved.document["rules"] == newsroom_policy()["rules"]
    assert (saved.note, saved.created_by) == ("It is rougher there", "Ben")
    listed = page.region("Sections and articles")
    assert "Section Sport No article is in this section yet. Toxicity: flag from 0.9; Relevance: no limit" in listed
    with cast.database.read() as conn:
        noted = next(
            e for e in audit_entries.entries(conn, cast.herald.id, before=None, limit=5) if e.action == "policy.saved"
        )
    assert noted.after is not None
    assert noted.after["changes"] == ["Section Sport: Toxicity: flag from 0.9; Relevance: no limit"]


def test_limits_of_an_article_are_changed_and_the_others_stay(cast: Cast, ben: Browser) -> None:
    twice = [{"signal": "links", "at_least": n, "action": a, "label": a} for n, a in ((2, "flag"), (9, "reject"))]
    has(cast, articles={"obituary-1": {"rules": [*SPORT["rules"], *twice], "without": []}}, sections={"Sport": SPORT})

    page = form(cast, ben, kind="articles", name="obituary-1")
    assert page.field_named("mode-links") == "kept"
    page.press("Save as version 3", **{"limit-toxicity": "0.3", "mode-shouting": "own", "limit-shouting": "0.5"})

    saved = current(cast).document
    assert saved["sections"] == {"Sport": SPORT}
    rules = {(r["signal"], r["action"]): (r["at_least"], r["label"]) for r in saved["articles"]["obituary-1"]["rules"]}
    assert rules == {
        ("toxicity", "flag"): (0.3, "Toxic, even for sport"),
        ("links", "flag"): (2, "flag"),
        ("links", "reject"): (9, "reject"),
        ("shouting", "flag"): (0.5, ""),
    }


def test_limits_of_a_section_are_removed(cast: Cast, ben: Browser) -> None:
    has(cast, sections={"Sport": SPORT, "Culture": SPORT})

    page = ben.get("/desk/policy", site=cast.herald.id).press("Remove : Section Sport")

    assert page.heading() == "Policy 3"
    assert list(current(cast).document["sections"]) == ["Culture"]


def test_the_effect_of_a_change_is_shown_before_it_is_saved(cast: Cast, ben: Browser) -> None:
    cast.settled("Rough, but sport.", scores={"toxicity": 0.85}, article_id="a-2", article={"section": "Sport"})
    cast.settled("Rough elsewhere.", scores={"toxicity": 0.85})

    page = form(cast, ben).press(
        "Show what changes", kind="sections", name="Sport", **{"mode-toxicity": "own", "limit-toxicity": "0.9"}
    )

    assert "1 held (now 2): -1" in page.text
    assert "Rough, but sport." in page.region("No longer held")
    assert page.field_named("limit-toxicity") == "0.9"
    assert current(cast).version == 1


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"name": "Sport", "mode-toxicity": "own", "limit-toxicity": "7"}, "is not between 0 and 1"),
        ({"name": "Sport", "mode-toxicity": "own", "limit-toxicity": ""}, "is not a number"),
        ({"name": "", "mode-toxicity": "none"}, "has a name that is not of 1 to 200 characters"),
        ({"name": "Sport"}, "are all the same as the site"),
        ({"name": "Culture", "mode-toxicity": "none"}, "already has limits of its own"),
        ({"name": "Sport", "kind": "authors", "mode-toxicity": "none"}, "must be a section or an article"),
    ],
)
def test_an_impossible_limit_saves_nothing_and_says_why(
    cast: Cast, ben: Browser, fields: dict[str, str], answer: str
) -> None:
    has(cast, sections={"Culture": SPORT})

    page = form(cast, ben).press("Save as version 3", **{"kind": "sections", **fields})

    assert page.status == 422
    assert answer in page.text
    assert current(cast).version == 2


def test_a_rule_that_publishes_looks_at_the_other_side(cast: Cast, ben: Browser) -> None:
    own = {"mode-toxicity": "own", "action-toxicity": "publish", "limit-toxicity": "0.1"}

    form(cast, ben).press("Save as version 2", kind="sections", name="Letters", **own)

    (rule,) = current(cast).document["sections"]["Letters"]["rules"]
    assert (rule["action"], rule["below"]) == ("publish", 0.1)


def test_saving_over_a_newer_version_is_refused_with_a_message(cast: Cast, ben: Browser) -> None:
    has(cast, sections={"Sport": SPORT})
    seen = form(cast, ben, kind="sections", name="Sport")
    form(cast, ben, kind="sections", name="Sport").press("Save as version 3", **{"limit-toxicity": "0.95"})

    page = seen.press("Save as version 3", **{"limit-toxicity": "0.5"})

    assert page.status == 409
    assert "somebody else saved version 3 first" in page.text
    assert page.field_named("limit-toxicity") == "0.95"
    assert current(cast).version == 3


def test_a_moderator_may_look_and_try_but_not_save_or_remove(cast: Cast, ana: Browser) -> None:
    has(cast, sections={"Sport": SPORT})
    page = form(cast, ana, kind="sections", name="Sport")
    asked = {"site": cast.herald.id, "version": "2", "kind": "sections", "name": "Sport"}

    assert page.press("Show what changes").status == 200
    assert not page.has_button("Save as version 3")
    assert not ana.get("/desk/policy").has_button("Remove : Section Sport")
    assert ana.post("/desk/policy/override", asked).status == 403
    assert ana.post("/desk/policy/override/remove", asked).status == 403
    assert current(cast).version == 2


def test_another_site_and_an_unknown_place_are_not_found(cast: Cast, ben: Browser, carla: Browser) -> None:
    assert form(cast, carla).status == 404
    assert form(cast, ben, kind="sections", name="Nowhere").status == 404
    assert form(cast, ben, kind="nonsense", name="Sport").status == 404


def test_sections_and_articles_are_chosen_from_those_that_exist(cast: Cast, ben: Browser) -> None:
    cast.settled("On the game.", article_id="a-2", article={"title": "The derby", "section": "Sport"})
    cast.settled("On the trade.")

    page = form(cast, ben)

    offered = {option["value"]: option.get_text() for option in page.html.select("datalist#places option")}
    assert offered == {
        "Economy": "Section Economy",
        "Sport": "Section Sport",
        "a-1": "Article Export licences for rare earths",
        "a-2": "Article The derby",
    }


@pytest.mark.parametrize(
    ("kind", "name", "warning"),
    [
        ("sections", "Economy", ""),
        ("sections", "economy", "No article is in this section yet."),
        ("articles", "a-1", ""),
        ("articles", "a-9", "We do not know this article yet."),
    ],
)
def test_one_that_does_not_exist_is_warned_of_and_can_be_saved(
    cast: Cast, ben: Browser, kind: str, name: str, warning: str
) -> None:
    cast.settled("On the trade.")
    chosen = {"kind": kind, "name": name, "mode-toxicity": "none"}

    tried = form(cast, ben).press("Show what changes", **chosen)
    saved = form(cast, ben).press("Save as version 2", **chosen)

    assert tried.html.select_one("#place-warning").get_text() == warning  # type: ignore[union-attr]
    assert (warning in saved.region("Sections and articles")) and current(cast).version == 2


def test_limits_and_changes_are_said_in_the_readers_language(cast: Cast, ben: Browser) -> None:
    has(cast, sections={"Sport": SPORT})
    ben.get("/desk/account").press("Save", language="de", time_zone="UTC")

    assert "zurückhalten ab 0,8" in form(cast, ben).text
    listed = ben.get("/desk/policy", site=cast.herald.id).text
    assert "Toxizität: zurückhalten ab 0,9; Themenbezug: kein Grenzwert" in listed
    compared = ben.get("/desk/policy/versions/1", site=cast.herald.id).text
    assert "Ressort Sport: Toxizität: zurückhalten ab 0,9; Themenbezug: kein Grenzwert" in compared

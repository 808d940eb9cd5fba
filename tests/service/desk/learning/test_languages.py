"""A lead sees how far the scores decide in each language, and changes it with the numbers at hand."""

from __future__ import annotations

import pytest

from moderation.ground.values.comments import Comment
from moderation.judging.policy.settings import LanguageTrust
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from tests.builders import OPERATOR
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

CALM: dict[str, float | None] = {
    "toxicity": 0.1,
    "insult": 0.1,
    "language.supported": 0.5,
}  # scored in English, say the cast's models
COLUMNS = ("Comments", "Held for the language alone", "Of these approved", "Of these rejected")


def decide(cast: Cast, comment: Comment, choice: Choice, *, then_undo: bool = False) -> None:
    ben = cast.moderator("Ben")
    chosen = ModeratorChoice(choice, comment.version + 1)
    made = reviewing.decide(cast.database, ben, comment.id, chosen, now=cast.now, hold_s=0)
    if then_undo:
        reviewing.undo(cast.database, ben, made.id, now=cast.now, hold_s=0)


def figures(ben: Browser, cast: Cast, language: str = "English") -> list[int]:
    page = ben.get("/desk/languages", site=cast.herald.id)
    (row,) = [row for row in page.html.select("tbody tr") if row.th and row.th.get_text() == language]
    return [int(row.select_one(f'td[data-label="{name}"]').get_text()) for name in COLUMNS]  # type: ignore[union-attr]


def trust_in(cast: Cast, language: str) -> LanguageTrust:
    with cast.database.read() as conn:
        return sites.get_site(conn, cast.herald.id).settings.trust_in(language)


def test_the_figures_are_of_decisions_that_stand_on_comments_held_for_their_language_alone(
    cast: Cast, ben: Browser
) -> None:
    held = [cast.settled(f"Bonjour {number}.", scores=CALM) for number in range(5)]
    cast.flagged("Fool.", scores={"language.supported": 0.5})  # held for its toxicity, too
    cast.published("Fine.")
    for comment, choice in zip(held, (Choice.APPROVE, Choice.APPROVE, Choice.REJECT), strict=False):
        decide(cast, comment, choice)
    decide(cast, held[3], Choice.REJECT, then_undo=True)

    assert figures(ben, cast) == [7, 5, 2, 1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_trusting_a_language_takes_a_page_with_the_numbers_and_is_audited(cast: Cast, ben: Browser) -> None:
    comment = cast.settled("Bonjour.", scores=CALM)
    decide(cast, comment, Choice.REJECT)
    waiting = cast.settled("Bonsoir.", scores=CALM)

    asked = ben.get(f"/desk/review/{waiting.id}").follow("Trust the scores in English")
    assert "Moderators decided 1 of them and rejected 1." in asked.text
    assert "These decisions do not show that the language meets your target." in asked.text
    assert trust_in(cast, "en") is LanguageTrust.BY_MODEL

    asked.press("Trust English")

    assert trust_in(cast, "en") is LanguageTrust.TRUSTED
    assert "although the scores only advise: nothing → en" in ben.get("/desk/audit", site=cast.herald.id).text
    with cast.database.read() as conn:
        languages = sites.get_site(conn, cast.herald.id).settings.languages
    assert languages.trusted == {"en"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_decisions_the_page_says_that_nobody_knows(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/languages/change", site=cast.herald.id, language="fr", trust="trusted")

    assert "Nobody knows how many would be published wrongly." in page.text
    assert page.press("Trust French").has_button("Change French")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_choice_takes_the_place_of_the_one_before(cast: Cast, ben: Browser) -> None:
    for trust in (LanguageTrust.TRUSTED, LanguageTrust.HELD, LanguageTrust.BY_MODEL):
        site_changes.trust_language(cast.database, cast.herald.id, "tr", trust, by=OPERATOR, now=cast.now)

        assert trust_in(cast, "tr") is trust


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("given", [{"language": "xx", "trust": "held"}, {"language": "fr", "trust": "much"}])
def test_what_names_no_language_or_no_choice_is_refused(cast: Cast, ben: Browser, given: dict[str, str]) -> None:
    assert ben.post("/desk/languages", {"site": cast.herald.id, **given}).status == 422


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_moderator_sees_no_link_to_trust_a_language(cast: Cast, ana: Browser) -> None:
    waiting = cast.settled("Bonsoir.", scores=CALM)

    assert "Trust the scores" not in ana.get(f"/desk/review/{waiting.id}").text
    assert ana.get("/desk/languages", site=cast.herald.id).status == 403

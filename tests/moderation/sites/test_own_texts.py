"""The texts that a site words itself: which ids, with which placeholders, and what the law keeps in them."""

from __future__ import annotations

import pytest

from moderation.ground.errors import InvalidInput
from moderation.ground.wording.sentences import LANGUAGES, of_sites, ours, placeholders
from moderation.sites import own_text_problems as problems

SCOPE = "The decision holds in every country and for good, unless it is changed."


def refused(id: str, text: str, language: str = "en") -> str:
    """Empty for a text that is taken."""
    try:
        problems.check(language, {id: text})
    except InvalidInput as e:
        (problem,) = e.problems
        assert problem.field == f"texts.{id}"
        return str(problem.message)
    return ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_ours_are_taken_as_they_are_and_with_an_addition(language: str) -> None:
    problems.check(language, of_sites(language))
    problems.check(language, {id: f"{text} <b>!</b>"[:500] for id, text in of_sites(language).items()})


def test_a_site_words_all_but_its_reasons_and_pages_that_belong_to_no_site() -> None:
    kept_back = ours("en").keys() - of_sites("en").keys()

    assert {id.partition("_")[0] for id in kept_back} == {"reason", "rule", "link", "privacy"}
    assert refused("reason_spam", "Ads") == refused("nope", "x") == "is not the id of a text that a site may word"


@pytest.mark.parametrize("id", sorted(problems.KEPT))
def test_a_sentence_by_which_the_law_is_kept_may_be_added_to_and_not_replaced(id: str) -> None:
    our = ours("en")[id]
    named = " ".join(f"{{{name}}}" for name in sorted(placeholders(our)))

    assert refused(id, f"Dear reader. {our} Our readers’ desk helps you.") == ""
    for other in (f"We decided. {named}", our.lower(), our[:-1] if not our[:-1].endswith("}") else our[1:]):
        assert "word for word" in refused(id, other), other


@pytest.mark.parametrize(
    ("id", "text", "said"),
    [
        ("statement_scope", "", "must have 1 to 500 characters"),
        ("statement_scope", " \u00a0 ", "must have our sentence in it word for word"),
        ("statement_scope", SCOPE + "x" * (501 - len(SCOPE)), "must have 1 to 500 characters"),
        ("statement_scope", SCOPE + "x" * (500 - len(SCOPE)), ""),
        ("statement_scope", f"{SCOPE}\u0000", "must not contain control characters"),
        ("statement_scope", f"{SCOPE}\n", "must not contain control characters"),
        ("too_long", "Shorter, please", ""),
        ("appeal_too_long", "Shorter, please", "lacks {length}, which our text has"),
        ("appeal_too_long", "{length} of {most}", "has {most}, which is not filled in there"),
        ("appeal_too_long", "Those {length} are too many", ""),
        ("measure_suspend", "Come back later.", "lacks {until}, which our text has"),
        ("count_one", "One voice", ""),
        ("count_many", "Many voices", ""),
        ("statement_title_removed", "Removed", ""),
        ("receipt_received", "Thank you. {day} {id}", "must have our sentence in it word for word"),
    ],
)
def test_a_text_keeps_its_placeholders_and_its_bounds(id: str, text: str, said: str) -> None:
    problem = refused(id, text)

    assert problem.startswith(said) if said else problem == ""


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        problems.check("en", {"nope": "x", "post": "", "reply": "Answer"})

    assert [problem.field for problem in raised.value.problems] == ["texts.nope", "texts.post"]

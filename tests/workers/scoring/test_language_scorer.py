"""The language that all scorers read a comment in."""

from __future__ import annotations

import pytest

from workers.scoring.language import LanguageDetector
from workers.scoring.language_scorer import LanguageScorer, language_of
from workers.scoring.scorable import Scorable, Unexplained

GERMAN = "Der Minister ist ein Lügner und die Regierung eine Schande"


@pytest.fixture(scope="module")
def languages() -> LanguageScorer:
    return LanguageScorer(LanguageDetector(), ("en", "fr"))


@pytest.mark.parametrize(
    ("comment", "language", "supported"),
    [
        (Scorable(GERMAN), "de", 0.0),
        (Scorable("lol"), "en", 1.0),
        (Scorable("lol", title=GERMAN), "de", 0.0),
        (Scorable("lol", article_text=GERMAN, article_key="a-1"), "de", 0.0),
        (Scorable("What a shame", language="fr"), "fr", 1.0),
        (Scorable("What a shame", language="pt-BR"), "pt", 0.0),
    ],
)
def test_a_comment_is_read_in_the_language_given_or_seen_or_of_its_article(
    languages: LanguageScorer, comment: Scorable, language: str, supported: float
) -> None:
    read = languages.with_language(comment)

    ((signal,),) = languages.score([read])

    assert (read.language, signal.value, language_of([signal])) == (language, supported, language)
    assert languages.with_language(read) == read


def test_a_language_has_no_evidence(languages: LanguageScorer) -> None:
    assert languages.explain([Unexplained(Scorable(GERMAN), languages.names)]) == [{}]

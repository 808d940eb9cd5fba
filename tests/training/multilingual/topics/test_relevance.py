"""Relevance in other languages is measured on articles of our own, and the measure knows good vectors from bad ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from moderation.judging.text.reading import Reading
from training.multilingual.topics.relevance import (
    OTHERS,
    SHOWN,
    Article,
    Sets,
    is_good,
    is_good_with_english,
    measure,
    measured,
    read_sets,
    table,
)
from training.rows.dataset import Floats
from workers.scoring.encoder.scored import Added
from workers.scoring.relevance.calibration import Calibration, calibration_of
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.text_vectors import MOST_WINDOWS

TOPICS = 12


class ByTopic:
    """One direction for each topic, but those of English titles lead elsewhere."""

    version, space, languages = "by-topic@1", "by-topic@1", ("en",)
    known = calibration_of(
        {
            "title": {"intercept": -1, "weights": {"title": 2}},
            "text": {"intercept": -1, "weights": {"passage": 2}},
            "parent": {"intercept": 0, "weights": {"parent": 1}},
        }
    )

    def calibration_for(self, languages: Sequence[str]) -> Calibration:
        return self.known

    def compares(self, language: str, other: str) -> bool:
        return True

    def added(self, reading: Reading, to: Floats) -> Added | None:
        return None

    def vectors(self, texts: Sequence[str], *, to_explain: bool = False, most: int = MOST_WINDOWS) -> Floats:
        places = [(int(text.split()[1]) + text.startswith("english")) % TOPICS for text in texts]
        return np.eye(TOPICS, dtype=np.float32)[places]


def articles(count: int = TOPICS, *, astray: int = 0) -> tuple[Article, ...]:
    """``astray`` titles say what another article is about."""
    return tuple(
        Article(
            "xx",
            f"section {i % 3}",
            f"title {(i + 1) % count if i < astray else i}",
            f"standfirst {i}",
            tuple(f"comment {i} says more than a greeting would say {j}" for j in range(4)),
        )
        for i in range(count)
    )


def sets(own: Sequence[Article], others: Sequence[Article] | None = None) -> Sets:
    """``others`` are those in English."""
    own, others = tuple(own), tuple(others or own)
    return Sets(own, own, others, own, others)


def test_vectors_by_topic_are_right_and_those_that_lead_elsewhere_are_not() -> None:
    right = measured(articles(), Relevance(ByTopic()))
    wrong = measured(articles(astray=TOPICS), Relevance(ByTopic()))

    assert (right.auc.value, right.judged, right.auc.rows) == (1.0, 1.0, TOPICS * 4 * 2 * OTHERS)
    assert wrong.auc.value is not None and wrong.auc.value < 0.6  # as good as chance


def test_reactions_are_not_judged_and_counted() -> None:
    own = [replace(one, comments=(one.comments[0], "ok 1")) for one in articles()]

    found = measured(own, Relevance(ByTopic()))

    assert (found.judged, found.auc.value) == (0.5, 1.0)


def test_the_table_has_a_line_for_each_language_and_the_mean() -> None:
    own = sets(articles())

    lines = table(measure({"xx": own, "yy": own}, Relevance(ByTopic()), Relevance(ByTopic()))).splitlines()

    assert [line.split(" | ")[0] for line in lines] == ["| language", "| ---", "| xx", "| yy", "| mean"]
    assert lines[2] == "| xx" + " | 1.00" * len(SHOWN) + " | 100 % |"


def test_a_language_is_judged_where_its_headlines_and_articles_are_good_enough() -> None:
    good, poor = articles(), articles(astray=TOPICS // 2)
    judge = Relevance(ByTopic())

    found = measure(
        {
            "good": sets(good),
            "poor": sets(poor),
            "worse than English": Sets(good, poor, good, good, good),
            "not beside English": Sets(good, good, good, poor, good),
        },
        judge,
        judge,
    )

    assert [code for code, own in found.items() if is_good(own)] == ["good", "not beside English"]
    assert [code for code, own in found.items() if is_good_with_english(own)] == ["good"]


def test_each_language_has_articles_with_a_neighbour_in_their_section_and_all_of_them_in_english() -> None:
    for code, own in read_sets().items():
        sections = [one.section for one in own.articles]
        assert len(own.articles) == len(own.in_english) == 24, code
        assert all(sections.count(section) >= 4 for section in sections), code
        assert all(len(set(one.comments)) == 4 for one in (*own.articles, *own.in_english)), code
        assert len({one.title for one in (*own.articles, *own.in_english)}) == 48, code
        assert {one.language for one in own.in_english} == {one.language for one in own.english_under} == {"en"}
        assert len(own.headlines) == len(own.under_english) >= 20, code
        assert 10 <= len(own.english_under) <= 30, code

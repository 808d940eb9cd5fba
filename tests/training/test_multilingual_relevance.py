"""Relevance in other languages is measured on articles of our own, and the measure knows good vectors from bad ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from training.dataset import Floats
from training.multilingual.relevance import KINDS, Article, measure, read_articles, table

TOPICS = 12


def an_article(topic: int) -> Article:
    comments = tuple(f"comment {topic}" for _ in range(4))
    return Article("xx", f"section {topic % 3}", f"title {topic}", f"english {topic}", f"standfirst {topic}", comments)


def vectors_by_topic(texts: Sequence[str]) -> Floats:
    """One direction for each topic, but those of English titles lead elsewhere."""
    places = [(int(text.split()[1]) + text.startswith("english")) % TOPICS for text in texts]
    return np.eye(TOPICS, dtype=np.float32)[places]


def test_vectors_by_topic_are_right_and_those_that_lead_elsewhere_are_not() -> None:
    found = measure({"xx": tuple(map(an_article, range(TOPICS)))}, vectors_by_topic)["xx"]

    assert (found["title"].value, found["standfirst"].value) == (1.0, 1.0)
    assert found["english"].value is not None and found["english"].value < 0.6  # as good as chance


def test_the_table_has_a_line_for_each_language_and_the_mean() -> None:
    articles = tuple(map(an_article, range(TOPICS)))

    lines = table(measure({"xx": articles, "yy": articles}, vectors_by_topic)).splitlines()

    assert [line.split(" | ")[0] for line in lines] == ["| language", "| ---", "| xx", "| yy", "| mean"]
    assert lines[2].startswith("| xx | 1.00 | 1.00 | 0.")


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ro", "ko"])
def test_each_language_has_articles_with_a_neighbour_in_their_section(language: str) -> None:
    own = read_articles()[language]

    sections = [one.section for one in own]
    assert len(own) == 24
    assert all(sections.count(section) >= 4 for section in sections)
    assert all(len(set(one.comments)) == 4 for one in own)
    assert len({one.title for one in own} | {one.english_title for one in own}) == 48
    assert set(KINDS) == {"title", "standfirst", "english"}

"""Relevance in other languages is measured on articles of our own, and the measure knows good vectors from bad ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from training.dataset import Floats
from training.multilingual.relevance import KINDS, OTHERS, Article, measure, read_articles, table
from training.multilingual.translations import as_articles, read_translations
from workers.scoring.relevance import Relevance
from workers.scoring.relevance_calibration import calibration_of

TOPICS = 12


class ByTopic:
    """One direction for each topic, but those of English titles lead elsewhere."""

    version, space, languages = "by-topic@1", "by-topic@1", ("xx",)
    calibration = calibration_of(
        {
            "title": {"intercept": -1, "weights": {"title": 2}},
            "text": {"intercept": -1, "weights": {"passage": 2}},
            "parent": {"intercept": 0, "weights": {"parent": 1}},
        }
    )

    def vectors(self, texts: Sequence[str]) -> Floats:
        places = [(int(text.split()[1]) + text.startswith("english")) % TOPICS for text in texts]
        return np.eye(TOPICS, dtype=np.float32)[places]


def an_article(topic: int) -> Article:
    comments = tuple(f"comment {topic} says more than a greeting would say {i}" for i in range(4))
    return Article("xx", f"section {topic % 3}", f"title {topic}", f"english {topic}", f"standfirst {topic}", comments)


def test_vectors_by_topic_are_right_and_those_that_lead_elsewhere_are_not() -> None:
    found = measure({"xx": tuple(map(an_article, range(TOPICS)))}, Relevance(ByTopic()))["xx"]

    assert (found["title"].value, found["standfirst"].value) == (1.0, 1.0)
    assert found["english"].value is not None and found["english"].value < 0.6  # as good as chance
    assert found["title"].rows == TOPICS * 4 * 2 * OTHERS


def test_the_table_has_a_line_for_each_language_and_the_mean() -> None:
    articles = tuple(map(an_article, range(TOPICS)))

    lines = table(measure({"xx": articles, "yy": articles}, Relevance(ByTopic()))).splitlines()

    assert [line.split(" | ")[0] for line in lines] == ["| language", "| ---", "| xx", "| yy", "| mean"]
    assert lines[2].startswith("| xx | 1.00 | 1.00 | 0.")


def test_translations_come_with_their_originals_text_for_text() -> None:
    for held_out in (True, False):
        found = read_translations(held_out=held_out)
        assert len({one.language for one in found}) == 11
        assert all(len(one.texts) == len(one.english) == 5 for one in found)
        assert all(
            text.strip() and text != original
            for one in found
            for text, original in zip(one.texts[:2], one.english[:2], strict=True)
        )
    papers = as_articles(found, "de")
    assert len(papers) == 168
    assert papers[0].title != papers[0].comments[0]


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ro", "ko", "vi"])
def test_each_language_has_articles_with_a_neighbour_in_their_section(language: str) -> None:
    own = read_articles()[language]

    sections = [one.section for one in own]
    assert len(own) == 24
    assert all(sections.count(section) >= 4 for section in sections)
    assert all(len(set(one.comments)) == 4 for one in own)
    assert len({one.title for one in own} | {one.english_title for one in own}) == 48
    assert set(KINDS) == {"title", "standfirst", "english"}

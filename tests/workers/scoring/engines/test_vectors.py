"""Every scored comment has a vector, of the encoder that has read it anyway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from tokenizers import Encoding

from moderation.ground.values.signals import Vector
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from workers.scoring.engines.onnx import Floats, OnnxSession
from workers.scoring.engines.table_session import TableSession
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.vectors import kept, numbers, unit

ARTICLE = {"title": "The ferry gets a new timetable", "article_text": "From May the ferry runs every half hour. " * 8}
ALIKE = {
    "en": ("The ferry was late again this morning and nobody said why.",
           "This morning's ferry came late again, and no one told us the reason.",
           "My grandmother's recipe for plum cake needs no eggs at all."),
    "de": ("Die Baptisten möchten den Gemeindesaal mieten, und es gelten die üblichen Preise.",
           "Die Chöre wollen den Gemeindesaal mieten, es gelten dafür die üblichen Preise.",
           "Weiß jemand, ob das Freibad auch bei Regen öffnet?"),
}  # fmt: skip


class Meter:
    """Counts the texts that each encoder reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read = 0
        run, run_table = OnnxSession.read, TableSession.run

        def metered(session: OnnxSession, encodings: Sequence[Encoding]) -> dict[str, Floats]:
            self.read += len(encodings)
            return run(session, encodings)

        def metered_table(
            session: TableSession, ids: Sequence[Sequence[int]], outputs: Iterable[str]
        ) -> dict[str, Floats]:
            self.read += len(ids)
            return run_table(session, ids, outputs)

        monkeypatch.setattr(OnnxSession, "read", metered)
        monkeypatch.setattr(TableSession, "run", metered_table)


def cosines(vectors: Sequence[Vector | None]) -> Floats:
    rows = numbers([vector for vector in vectors if vector is not None])
    assert len(rows) == len(vectors)
    return np.asarray(rows @ rows.T, dtype=np.float32)


@pytest.mark.parametrize("language", ALIKE)
def test_comments_on_the_same_thing_lie_nearer_than_others(scorer: Scorer, language: str) -> None:
    batch = [Scorable(text) for text in ALIKE[language]]

    alike = cosines(scorer.vectors(batch))

    assert alike[0, 1] > max(alike[0, 2], alike[1, 2]) + 0.3


def test_scored_comments_are_not_read_again_for_their_vectors(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [Scorable(ALIKE["en"][0], **ARTICLE), Scorable(ALIKE["de"][0])]  # type: ignore[arg-type]
    scorer.score(batch)
    meter = Meter(monkeypatch)

    first, second = scorer.vectors(batch)

    assert meter.read == 0
    assert first is not None
    assert second is not None
    assert first.space != second.space
    assert len(first.numbers) == len(second.numbers) == 384


@pytest.mark.parametrize("text", ["Well said!", ALIKE["en"][0]])
def test_a_comment_that_relevance_does_not_judge_has_one_too(scorer: Scorer, text: str) -> None:
    under_german = Scorable(text, language="en", title="Die Fähre bekommt einen neuen Fahrplan", article_language="de")
    batch = [Scorable(text, language="en"), under_german, Scorable(text, **ARTICLE)]  # type: ignore[arg-type]

    scorer.score(batch)
    found = scorer.vectors(batch)

    assert cosines(found).min() > 0.98


def test_a_language_that_no_encoder_reads_gives_none(scorer: Scorer) -> None:
    swahili = Scorable("Habari za asubuhi, watu wote wa mji huu wanapenda kivuko chetu sana")

    assert scorer.vectors([swahili, Scorable(ALIKE["en"][0])])[0] is None
    assert scorer.vectors([]) == []


def test_a_comment_in_two_languages_has_the_vector_of_the_main_one(scorer: Scorer) -> None:
    german, english = ALIKE["de"][0], "You are a stupid idiot and everybody knows that you are."
    both = Scorable(f"{german} {german} {english}", language="de")

    first, second = scorer.vectors([both, Scorable(german)])

    assert first is not None
    assert second is not None
    assert first.space == second.space


@pytest.mark.parametrize("language", ALIKE)
def test_a_text_longer_than_the_encoder_reads_points_where_its_parts_do(scorer: Scorer, language: str) -> None:
    text, _, other = ALIKE[language]

    alike = cosines(scorer.vectors([Scorable(f"{text} " * 60), Scorable(text), Scorable(other)]))

    assert alike[0, 1] > 0.65
    assert alike[0, 1] > alike[0, 2] + 0.3


def test_kept_numbers_are_signed_bytes_of_the_unit_vector() -> None:
    vector = unit(np.asarray([3.0, -4.0, 0.0], dtype=np.float32))

    found = kept(vector, "some@1")

    assert found == Vector("some@1", bytes([76, 256 - 102, 0]))
    np.testing.assert_allclose(numbers([found]), [[0.5974, -0.8018, 0.0]], atol=1e-4)
    assert kept(np.asarray([1.0, -1.0], dtype=np.float32), "some@1") == Vector("some@1", bytes([127, 129]))
    assert kept(None, "some@1") is None
    np.testing.assert_array_equal(unit(np.zeros((1, 3), dtype=np.float32)), np.zeros((1, 3)))


def test_a_comment_whose_time_is_used_up_by_its_scores_has_a_vector(scorer: Scorer) -> None:
    spent = Budget(0.0, lambda: 1.0)
    spent._used = 1.0

    text = "The harbour needs a bridge and a ferry."
    (found,) = scorer.vectors([Scorable(text, language="en", reading=Reading(text, spent))])

    assert spent.is_spent and found is not None

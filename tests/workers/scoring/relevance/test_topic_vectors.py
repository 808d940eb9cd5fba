"""The vectors of the multilingual encoder of topics, as relevance compares them in other languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moderation.ground.errors import ModelUnavailable
from moderation.judging.text.reading import Reading
from training.multilingual.topics.relevance import read_sets
from workers.scoring.encoder.passages import content_words
from workers.scoring.engines.onnx import Floats
from workers.scoring.engines.table_session import TableSession
from workers.scoring.engines.weights import (
    MANIFEST,
    TABLE_FILE,
    TOKENIZER_FILE,
    TOPICS_FILE,
    Weights,
    default_models_dir,
)
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.text_vectors import MOST_WINDOWS
from workers.scoring.relevance.topic_vectors import TopicVectors
from workers.scoring.relevance.words import straying_words
from workers.scoring.scorable import Scorable

TRAMS = "Mit der zweiten Linie stünden halb so viele Autos auf der Brücke, und die Läden hätten etwas davon."
TRAMWAY = "Plus de trams et moins de voitures au centre, c'est ce que veulent les commerçants."
OVEN = "Den Ofen vorheizen, die Eier schlagen und das Mehl vorsichtig unterheben."


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights.read("bundled-multilingual", default_models_dir() / "multilingual")


@pytest.fixture(scope="module")
def source(weights: Weights) -> TopicVectors:
    return TopicVectors(weights)


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of stretches in each run of the graph."""
    found = list[int]()
    run = TableSession.run

    def counted(self: TableSession, ids: Sequence[Sequence[int]], outputs: Iterable[str]) -> dict[str, Floats]:
        found.append(len(ids))
        return run(self, ids, outputs)

    monkeypatch.setattr(TableSession, "run", counted)
    return found


def test_texts_on_one_subject_are_nearer_than_others_in_any_language(source: TopicVectors) -> None:
    trams, tramway, oven = source.vectors([TRAMS, TRAMWAY, OVEN])

    assert trams @ tramway > trams @ oven + 0.2
    np.testing.assert_allclose(np.linalg.norm([trams, tramway, oven], axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_most_comments_are_nearer_to_their_own_headline_than_to_the_next(source: TopicVectors, language: str) -> None:
    articles = read_sets()[language].articles
    titles = source.vectors([one.title for one in articles])

    nearer = 0
    for place, one in enumerate(articles):
        near = source.vectors(one.comments) @ titles.T
        nearer += int((near[:, place] > near[:, (place + 1) % len(articles)]).sum())

    assert nearer / sum(len(one.comments) for one in articles) > 0.7


def test_a_text_that_is_given_twice_is_read_once(source: TopicVectors, rows_read: list[int]) -> None:
    first, _, again = source.vectors([TRAMS, OVEN, TRAMS])

    assert sum(rows_read) == 2
    np.testing.assert_array_equal(first, again)


def test_no_texts_have_no_vectors_and_open_nothing(weights: Weights) -> None:
    source = TopicVectors(weights)

    assert source.vectors([]).shape == (0, 384)
    assert "_opened" not in vars(source._session)


@pytest.mark.parametrize("missing", ["relevance", "files"])
def test_a_manifest_without_relevance_is_refused_by_name(weights: Weights, missing: str) -> None:
    manifest = {**weights.manifest, missing: {}} if missing == "files" else dict(weights.manifest)
    manifest.pop("relevance") if missing == "relevance" else None

    with pytest.raises(ModelUnavailable, match="'relevance' or no topics"):
        TopicVectors(replace(weights, manifest=manifest))


def test_a_language_has_its_own_calibration_or_that_of_all(weights: Weights) -> None:
    measured = weights.manifest["relevance"]
    title = {"intercept": -7.0, "weights": {"title": 1.0}}
    own = {**measured, "calibration_by_language": {"fr": {"title": title}}}
    source = TopicVectors(replace(weights, manifest={**weights.manifest, "relevance": own}))

    assert source.calibration_for(("fr",))["title"].intercept == -7.0
    assert source.calibration_for(("en", "fr"))["title"].intercept == -7.0
    assert source.calibration_for(("fr",))["parent"] == source.calibration_for(("de",))["parent"]
    assert source.calibration_for(("de",))["title"].intercept == measured["calibration"]["title"]["intercept"]


def test_languages_are_compared_as_they_were_measured(weights: Weights) -> None:
    measured = {**weights.manifest["relevance"], "languages": ["de", "fr"], "with_english": ["de"]}
    source = TopicVectors(replace(weights, manifest={**weights.manifest, "relevance": measured}))

    assert source.compares("de", "de") and source.compares("fr", "fr")
    assert source.compares("de", "en") and source.compares("en", "de")
    assert not source.compares("fr", "en") and not source.compares("en", "fr")
    assert not source.compares("de", "fr") and not source.compares("en", "en") and not source.compares("nl", "nl")


@pytest.mark.parametrize("sentences", [1, 40, 2_000])
def test_a_long_text_is_read_in_a_bounded_number_of_stretches(
    source: TopicVectors, rows_read: list[int], sentences: int
) -> None:
    source.vectors([" ".join(f"{TRAMS} {i}" for i in range(sentences))])

    assert sum(rows_read) == (1 if sentences == 1 else MOST_WINDOWS)


def test_the_end_of_a_text_of_some_windows_counts(source: TopicVectors) -> None:
    long = " ".join([TRAMS] * 6)

    alone, with_end = source.vectors([long, f"{long} {' '.join([OVEN] * 6)}"])

    (oven,) = source.vectors([OVEN])
    assert with_end @ oven > alone @ oven + 0.2


@pytest.mark.parametrize("text", ["", " ", "a" * 20_000, "\U0001f600" * 3_000, "漢字" * 4_000, "\x00\u202e"])
def test_any_text_has_a_finite_vector(source: TopicVectors, text: str) -> None:
    (found,) = source.vectors([text], to_explain=True)

    assert np.isfinite(found).all()
    window, carried = source.added(Reading(text), found)
    assert np.isfinite(carried.added).all()
    assert all(0 <= start <= end <= len(window.text) for start, end in carried.places)


HARBOUR = "Neue Straßenbahn zum Hafen kommt erst nächstes Jahr"
CAKE = "Die Straßenbahn zum Hafen ist schon wieder verspätet, und Schokoladentorte mit Kirschen gelingt mir nie."


def marked(source: TopicVectors, text: str) -> list[str]:
    (harbour,) = source.vectors([HARBOUR])
    spans = straying_words(*source.added(Reading(text), harbour), content_words(HARBOUR, ("de",)), ("de",))
    return [text[span.start : span.end] for span in spans]


def test_the_words_that_draw_a_text_away_are_found_without_another_run(
    source: TopicVectors, rows_read: list[int]
) -> None:
    source.vectors([CAKE], to_explain=True)
    (harbour,) = source.vectors([HARBOUR])
    before = sum(rows_read)

    _, carried = source.added(Reading(CAKE), harbour)

    assert sum(rows_read) == before
    assert abs(float(carried.added.sum())) < 0.01  # what some tokens add, others take
    assert "Schokoladentorte" in marked(source, CAKE)
    assert not {"Straßenbahn", "Hafen", "und", "ist"} & set(marked(source, CAKE))


def test_comments_are_explained_without_another_run_however_long_their_articles_are(
    source: TopicVectors, rows_read: list[int]
) -> None:
    relevance = Relevance(source)
    article = "\n".join(f"{HARBOUR} {i}. " * 6 for i in range(60))
    batch = [
        Scorable(f"{CAKE} {i}", title=f"{HARBOUR} {i}", article_text=f"{i} {article}", language="de") for i in range(3)
    ]
    relevance.score(batch)
    before = sum(rows_read)
    assert before > 10 * len(batch)  # a sample of each article, in many passages

    found = relevance.explain(batch)

    assert sum(rows_read) == before
    assert all("Schokoladentorte" in [s.quote or one.text[s.start : s.end] for s in spans] for one, spans in
               zip(batch, found, strict=True))  # fmt: skip


def test_windows_of_several_texts_in_a_batch_are_kept_apart(source: TopicVectors) -> None:
    texts = [f"{' '.join([TRAMS] * 8)}", OVEN, f"{' '.join([OVEN] * 9)}", TRAMWAY, f"{' '.join([TRAMWAY] * 7)}"]

    together = source.vectors(texts)

    alone = np.concatenate([source.vectors([text]) for text in texts])
    assert ((together * alone).sum(axis=1) > 0.95).all()  # int8 scales its inputs by the batch


def test_marks_are_in_the_original_of_a_text_in_other_letters(source: TopicVectors) -> None:
    disguised = CAKE.replace("Schokoladentorte", "Ｓｃｈｏｋｏｌａｄｅｎｔｏｒｔｅ")

    assert "Ｓｃｈｏｋｏｌａｄｅｎｔｏｒｔｅ" in marked(source, disguised)


def test_of_a_long_text_the_words_of_the_window_furthest_off_are_found(source: TopicVectors) -> None:
    long = f"{' '.join([HARBOUR + '.'] * 12)} {' '.join([OVEN] * 12)}"

    found = marked(source, long)

    assert found and set(found) <= set(OVEN.replace(",", "").replace(".", "").split())


def test_the_version_and_the_space_follow_the_graph(weights: Weights, source: TopicVectors) -> None:
    sha = weights.manifest["files"][TOPICS_FILE][:8]

    assert source.version == f"bundled-multilingual@{sha}"
    assert source.space.endswith(f"-topics@{sha}")
    assert source.space != weights.space


@pytest.mark.parametrize("missing", [TOPICS_FILE, TABLE_FILE, TOKENIZER_FILE])
def test_a_missing_file_is_refused(weights: Weights, tmp_path: Path, missing: str) -> None:
    for name in (TOPICS_FILE, TABLE_FILE, TOKENIZER_FILE, MANIFEST):
        if name != missing:
            shutil.copyfile(weights.folder / name, tmp_path / name)

    with pytest.raises(ModelUnavailable, match=missing.replace(".", r"\.")):
        TopicVectors(replace(weights, folder=tmp_path))

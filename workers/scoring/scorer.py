"""All models together, as one tuple of scorers. It reads texts and returns signals; it knows no database, queue or
policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from moderation.ground.values.signals import Signal, Span, Vector
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.language import LanguageStanding
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import VECTOR, Engine, OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import BUNDLED, BUNDLED_MULTILINGUAL, ModelFolders, Weights
from workers.scoring.house_scorer import house_evidence, house_signals
from workers.scoring.language.deciding import LanguageScorer
from workers.scoring.language.detecting import LanguageDetector
from workers.scoring.loading import find_export, load_engine
from workers.scoring.ngrams.batch_grams import BatchGrams
from workers.scoring.relevance.comparing import Relevance
from workers.scoring.relevance.encoder_vectors import EncoderVectors
from workers.scoring.relevance.scorer import RelevanceScorer
from workers.scoring.relevance.topic_vectors import TopicVectors
from workers.scoring.scorable import Scorable, SignalScorer, Unexplained
from workers.scoring.spam.scorer import SpamScorer
from workers.scoring.toxicity.scorer import ToxicityScorer
from workers.scoring.vectors import VectorSource

Signals = tuple[Signal, ...]


class Scorer:
    """The loaded scorers. One per process, and only one thread may call it."""

    models: Mapping[str, str]  # {"toxicity": "bundled@3f2a9c1d", ...}

    def __init__(self, languages: LanguageScorer, *others: SignalScorer) -> None:
        """``languages`` detects the language for all scorers, and its own signal comes last."""
        self._languages = languages
        self.scorers: tuple[SignalScorer, ...] = (*others, languages)
        self.models = {name: version for scorer in self.scorers for name, version in scorer.models.items()}

    @classmethod
    def load(
        cls,
        *,
        toxicity_model: str = BUNDLED,
        engine: str = "onnx",
        threads: int = 1,
        models_dir: Path | None = None,
        cache_dir: Path | None = None,
    ) -> Scorer:
        """Opens every model. If the toxicity weights have no export yet, it exports them first.

        Raises:
            ModelUnavailable: a sentence says which file or package is wrong.
        """
        places = ModelFolders.of(models_dir, cache_dir)
        own, toxicity_weights = load_engine(toxicity_model, engine, threads, places)
        grams = BatchGrams()
        toxicity = Toxicity(own, toxicity_weights, grams)
        topics = Relevance(_vectors_for(toxicity, own, toxicity_weights, places, threads))
        weights = Weights.read(BUNDLED_MULTILINGUAL, places.models / "multilingual")
        multilingual = Toxicity(TableEngine(weights, threads=threads), weights)
        others = {code: given for code, given in multilingual.standings.items() if code not in toxicity.standings}
        languages = LanguageScorer(LanguageDetector(), {**toxicity.standings, **others})
        judges = ToxicityScorer(toxicity=toxicity, toxicity_multilingual=multilingual)
        relevance = RelevanceScorer(
            relevance=topics, relevance_multilingual=Relevance(TopicVectors(weights, threads=threads))
        )
        spam = SpamScorer(Weights.read(BUNDLED, places.models / "spam"), grams)
        return cls(languages, judges, relevance, spam)

    @property
    def languages(self) -> Mapping[str, LanguageStanding]:
        """How far the toxicity scores are trusted by language. All others are unknown."""
        return self._languages.standings

    @property
    def relevance_languages(self) -> frozenset[str]:
        """Those in which relevance is judged, for a comment and for its article."""
        judges = (scorer.languages for scorer in self.scorers if isinstance(scorer, RelevanceScorer))
        return frozenset(chain.from_iterable(judges))

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        """The signals of each comment, in order. A signal that cannot judge a comment abstains with a reason.

        Raises TooCostly if one comment's time is used up; the budget of that comment shows it.
        """
        read = [self._languages.with_language(comment) for comment in batch]
        scored = [scorer.score(read) for scorer in self.scorers]
        return self._with_house(read, [tuple(chain.from_iterable(signals)) for signals in zip(*scored, strict=True)])

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """The vector of each comment, in order; None in a language that no encoder reads.

        This is nearly free for the comments that were just scored, since the encoders have read them. Their time may be
        used up by then: it was enough to score them.
        """
        read = [self._languages.with_language(comment.unhurried) for comment in batch]
        vectors: list[Vector | None] = [None] * len(read)
        for source in (scorer for scorer in self.scorers if isinstance(scorer, VectorSource)):
            left = [i for i, vector in enumerate(vectors) if vector is None]
            for i, vector in zip(left, source.vectors([read[i] for i in left]), strict=True):
                vectors[i] = vector
        return vectors

    def explain(self, asked: Sequence[Unexplained]) -> list[dict[str, tuple[Span, ...]]]:
        """The evidence for each comment by signal, in order. This is cheapest soon after the comments were scored."""
        asked = [replace(wanted, scorable=self._languages.with_language(wanted.scorable)) for wanted in asked]
        explanations: list[dict[str, tuple[Span, ...]]] = [{} for _ in asked]
        for scorer in self.scorers:
            own = {i: names for i, wanted in enumerate(asked) if (names := _of(scorer, wanted))}
            evidence = scorer.explain([Unexplained(asked[i].scorable, names) for i, names in own.items()])
            for i, by_signal in zip(own, evidence, strict=True):
                explanations[i] |= by_signal
        for i, comment in enumerate(asked):
            if HOUSE.name in comment.signals:
                explanations[i][HOUSE.name] = house_evidence(comment.scorable)
        return explanations

    def _with_house(self, read: Sequence[Scorable], scored: Sequence[Signals]) -> list[Signals]:
        """Adds the signal of each site's own model, which reads the others'."""
        owned = [i for i, comment in enumerate(read) if comment.house is not None]
        vectors = dict(zip(owned, self.vectors([read[i] for i in owned]), strict=True)) if owned else {}
        return [(*own, *house_signals(read[i], vectors.get(i), own)) for i, own in enumerate(scored)]


def _vectors_for(
    toxicity: Toxicity, engine: Engine, weights: Weights, places: ModelFolders, threads: int
) -> EncoderVectors:
    """The vectors of the encoder that scores toxicity. If it gives none, as Detoxify's own weights and the reference
    engine do, the bundled encoder reads the comments once more."""
    if VECTOR in engine.outputs:
        return EncoderVectors(toxicity, engine, weights)
    bundled = find_export(BUNDLED, places)
    own = OnnxEngine(bundled, threads=threads)
    return EncoderVectors(Toxicity(own, bundled), own, bundled)


def _of(scorer: SignalScorer, asked: Unexplained) -> tuple[str, ...]:
    return tuple(name for name in asked.signals if name in scorer.names)

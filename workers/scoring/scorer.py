"""What the models say about comments, as signals. Reads texts, returns signals; knows no database, queue or policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.model import Signal, Span
from workers.scoring.engines import Floats
from workers.scoring.language import LanguageDetector
from workers.scoring.loading import load_engine
from workers.scoring.relevance import Judged, Relevance
from workers.scoring.toxicity import Toxicity
from workers.scoring.toxicity_evidence import Asked, Explainer
from workers.scoring.weights import BUNDLED, Places, Weights
from workers.text.reading import read

LANGUAGE_SIGNAL = "language.supported"
RELEVANCE_SIGNAL = "relevance"


@dataclass(frozen=True, slots=True)
class Scorable:
    """All that a scorer may read about one comment."""

    text: str
    language: str | None = None  # as given by the site: used as it is, else detected
    title: str | None = None
    summary: str | None = None
    article_text: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    parent_text: str | None = None
    article_key: str | None = None  # names this version of the article, for its cached vectors


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A scored comment, and those of its signals whose words are wanted. Each must have had a value."""

    scorable: Scorable
    signals: tuple[str, ...]


class Scorer:
    """The loaded models. One per process; calls are made from one thread."""

    models: Mapping[str, str]  # {"toxicity": "bundled@3f2a9c1d", ...}

    def __init__(self, toxicity: Toxicity, relevance: Relevance, detector: LanguageDetector) -> None:
        self._toxicity, self._relevance, self._detector = toxicity, relevance, detector
        self._explainer = Explainer(toxicity)
        self._article_languages: dict[str, str | None] = {}
        self.models = {
            "toxicity": toxicity.version,
            "relevance": relevance.version,
            "language": detector.version,
        }

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
        """Open every model, exporting the toxicity weights first where they have no export yet.

        Raises:
            ModelUnavailable: with a sentence that says which file or package is wrong.
        """
        places = Places.of(models_dir, cache_dir)
        loaded, weights = load_engine(toxicity_model, engine, threads, places)
        relevance = Weights.read(BUNDLED, places.models / "relevance")
        return cls(Toxicity(loaded, weights), Relevance(relevance, threads=threads), LanguageDetector())

    @property
    def signal_names(self) -> tuple[str, ...]:
        """The signals that ``score`` gives for every comment, in order."""
        return (*self._toxicity.signals, RELEVANCE_SIGNAL, LANGUAGE_SIGNAL)

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        """Signals of each comment, in order. A signal that cannot judge a comment abstains and says why."""
        languages = [self._language_of(one) for one in batch]
        known = [i for i, language in enumerate(languages) if self._knows(language)]
        values = dict(zip(known, self._toxicity.score([batch[i].text for i in known]), strict=True))
        judged = self._relevance.score(batch)
        return [
            (
                *self._toxicity_signals(values.get(i), language),
                self._relevance_signal(judged[i]),
                Signal(LANGUAGE_SIGNAL, float(i in values), f"lang:{language or 'und'}"),
            )
            for i, language in enumerate(languages)
        ]

    def explain(self, scorable: Scorable, signal: str) -> tuple[Span, ...]:
        """What carries one signal, as offsets in the original texts; empty where there is nothing to show."""
        if signal in self._toxicity.signals and not self._knows(self._language_of(scorable)):
            return ()
        return self.explain_all([Unexplained(scorable, (signal,))])[0].get(signal, ())

    def explain_all(self, asked: Sequence[Unexplained]) -> list[dict[str, tuple[Span, ...]]]:
        """The same for many comments at once, by signal, in order. Cheapest soon after the comments were scored."""
        found: list[dict[str, tuple[Span, ...]]] = [{} for _ in asked]
        toxic = {i: own for i, one in enumerate(asked) if (own := self._toxic_ones(one.signals))}
        words = self._explainer.explain([Asked(asked[i].scorable.text, own) for i, own in toxic.items()])
        for i, by_signal in zip(toxic, words, strict=True):
            found[i] |= by_signal
        off_topic = [i for i, one in enumerate(asked) if RELEVANCE_SIGNAL in one.signals]
        evidence = self._relevance.explain([asked[i].scorable for i in off_topic])
        for i, spans in zip(off_topic, evidence, strict=True):
            found[i][RELEVANCE_SIGNAL] = spans
        return found

    def _toxic_ones(self, signals: Sequence[str]) -> tuple[str, ...]:
        return tuple(signal for signal in signals if signal in self._toxicity.signals)

    def detect(self, text: str | Scorable, given: str | None = None) -> str | None:
        """The language as an ISO 639 code. Too short to tell means the article's, or the weights' main one."""
        if isinstance(text, Scorable):
            return self._language_of(text)
        return self._detector.detect(read(text).folded.text, given=given, likely=self._toxicity.languages[0])

    def _language_of(self, one: Scorable) -> str | None:
        if one.language:
            return self._detector.detect(one.text, given=one.language)
        likely = self._article_language(one) or self._toxicity.languages[0]
        return self._detector.detect(read(one.text).folded.text, likely=likely)

    def _article_language(self, one: Scorable) -> str | None:
        about = one.article_text or one.summary or one.title
        if not about:
            return None
        key = one.article_key or about[:600]
        if key not in self._article_languages:
            if len(self._article_languages) >= 4096:
                self._article_languages.clear()
            self._article_languages[key] = self._detector.detect(about[:600], likely=self._toxicity.languages[0])
        return self._article_languages[key]

    def _knows(self, language: str | None) -> bool:
        return language in self._toxicity.languages

    def _toxicity_signals(self, values: Floats | None, language: str | None) -> tuple[Signal, ...]:
        names, source = self._toxicity.signals, self._toxicity.version
        if values is None:
            return tuple(Signal(name, None, source, abstained=f"language: {language or 'und'}") for name in names)
        return tuple(Signal(name, round(float(v), 6), source) for name, v in zip(names, values, strict=True))

    def _relevance_signal(self, judged: Judged) -> Signal:
        value = None if judged.value is None else round(judged.value, 6)
        return Signal(RELEVANCE_SIGNAL, value, self._relevance.version, judged.abstained, judged.evidence)


def language_of(signals: Sequence[Signal]) -> str | None:
    """The language that a comment was scored in, as its signals say; None where it could not be told."""
    source = next((s.source for s in signals if s.name == LANGUAGE_SIGNAL), "")
    language = source.removeprefix("lang:")
    return None if language in ("", "und") else language

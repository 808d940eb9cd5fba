"""``comments:analyze``: from the message to drafts that are scored, and from their signals to Perspective's answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.judging.signals import language as language_signal
from moderation.judging.signals.model_signals import LANGUAGE_SUPPORTED, TOXICITY
from moderation.judging.signals.registry import SIGNALS
from moderation.pipeline.drafts.drafts import ArticleContext, Checked, Draft
from moderation.pipeline.drafts.settings import WithoutModel
from moderation.sites.settings import score_maps
from moderation.sites.settings.score_maps import ScoreMaps
from moderation.sites.settings.values import SiteSettings
from service.compat.perspective.attributes import OFF_TOPIC, Requested, requested
from service.compat.perspective.messages import analyze_message, plain_text, read
from service.compat.perspective.offsets import Offsets
from service.compat.perspective.refusals import Refusal, invalid, of_type, too_long, unsupported_language

MAX_TEXT_BYTES = 20_480
MAX_CONTEXT_BYTES = 1024 * 1024
MAX_CONTEXT_CHARS = 20_000  # of the article that counts for its topic
MAX_LANGUAGES = 10
MAX_ATTRIBUTES = 50
MAX_LANGUAGE_CHARS = 35
PROBABILITY = "PROBABILITY"
SCORE_TYPES = frozenset({"SCORE_TYPE_UNSPECIFIED", PROBABILITY})


@dataclass(frozen=True, slots=True)
class Analysis:
    """A request that Perspective would answer."""

    text: str
    attributes: tuple[Requested, ...]
    languages: tuple[str, ...]
    client_token: str | None
    by_sentence: bool
    offsets: Offsets
    article: str | None
    parent: str | None

    def drafts(self) -> list[Draft]:
        """One for each language that the caller names, since each must be one that the model knows; one without a
        language if the caller names none, and its language is detected."""
        wants_topic = any(attribute.name == OFF_TOPIC for attribute in self.attributes)
        return [
            Draft(
                self.text,
                language=language,
                article=ArticleContext(text=self.article) if self.article and wants_topic else None,
                parent_text=self.parent if wants_topic else None,
                spans=self.by_sentence,
            )
            for language in self.languages or (None,)
        ]


def analysis_of(raw: bytes) -> Analysis:
    """Raises Refusal."""
    body = read(analyze_message, raw)
    text = comment_text(body)
    asked = body.get("requested_attributes") or {}
    if not asked:
        raise of_type("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    if len(asked) > MAX_ATTRIBUTES:
        raise invalid(f"Too many requested attributes. The limit is {MAX_ATTRIBUTES}.")
    for name, wish in asked.items():
        if (kind := wish.get("score_type", PROBABILITY)) not in SCORE_TYPES:
            raise invalid(f"Requested score type {kind[:50]} is not supported by attribute {name[:50]}")
    article, parent = _context(body.get("context") or {})
    return Analysis(
        text=text,
        attributes=tuple(requested(name, wish.get("score_threshold")) for name, wish in asked.items()),
        languages=languages_of(body),
        client_token=body.get("client_token"),
        by_sentence=body.get("span_annotations", False),
        offsets=Offsets(text),
        article=article,
        parent=parent,
    )


def comment_text(body: Mapping[str, Any]) -> str:
    """Raises Refusal for a text that is empty, too long or not plain."""
    text = plain_text(body.get("comment") or {})
    if not text.strip():
        raise of_type("COMMENT_EMPTY", "Comment must be non-empty.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise too_long(size, MAX_TEXT_BYTES)
    return text


def languages_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages without repeats. Raises Refusal."""
    given = tuple(dict.fromkeys(body.get("languages") or ()))
    if len(given) > MAX_LANGUAGES or any(not 0 < len(language) <= MAX_LANGUAGE_CHARS for language in given):
        raise invalid(f"languages must be at most {MAX_LANGUAGES} codes of ISO 639-1 or BCP 47")
    return given


def _context(context: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The article and the parent comment. Entries are read, and left alone: callers put anything there."""
    entries, both = context.get("entries"), context.get("article_and_parent_comment")
    if entries and both:
        raise invalid("Context can have either entries or article_and_parent_comment, but both fields were populated.")
    texts = [plain_text(entry) for entry in entries or ()]
    article, parent = (plain_text((both or {}).get(name) or {}) for name in ("article", "parent_comment"))
    for text in (*texts, article, parent):
        if len(text.encode("utf-8", "surrogatepass")) > MAX_CONTEXT_BYTES:
            raise invalid(f"Context entry was too many bytes. It exceeded the limit ({MAX_CONTEXT_BYTES}).")
    return article[:MAX_CONTEXT_CHARS] or None, parent[:MAX_CONTEXT_CHARS] or None


@dataclass(frozen=True, slots=True)
class AnalysisAnswer:
    body: Mapping[str, Any]
    models: str  # their versions
    left_out: tuple[str, ...]  # attributes without a number


def check_attributes(analysis: Analysis, settings: SiteSettings) -> None:
    """Raises Refusal for the first attribute that no model can answer, unless the site leaves those out. Nothing needs
    to be scored for that."""
    if settings.perspective_without_model is WithoutModel.ERROR:
        for attribute in analysis.attributes:
            if attribute.signal is None:
                raise unknown_attribute(attribute.name)


def unknown_attribute(name: str) -> Refusal:
    return invalid(f"Unknown requested attribute: {name[:100]}")


def answer(analysis: Analysis, checked: Sequence[Checked], settings: SiteSettings) -> AnalysisAnswer:
    """``checked`` has one result for each of the drafts. Raises Refusal."""
    first = checked[0]
    if "toxicity" not in first.signals:
        raise invalid("Comment text takes too long to read.")
    detected = [first.language] if first.language and not analysis.languages else list(analysis.languages)
    if not detected:
        raise of_type("LANGUAGE_DETECTION_FAILED", "Unable to detect language")
    _check_languages(analysis, checked, detected, settings)
    scores: dict[str, Any] = {}
    left_out: list[str] = []
    for attribute in analysis.attributes:
        value = _value(attribute, first)
        if value is None:
            _refuse_or_leave_out(attribute, first, settings)
            left_out.append(attribute.name)
            continue
        curve = _Curve(attribute, settings.perspective_score_maps)
        if attribute.threshold is None or curve(value) >= attribute.threshold:
            scores[attribute.name] = _scores(attribute, value, analysis, first, curve)
    body: dict[str, Any] = {"attributeScores": scores} if scores else {}
    body |= {"languages": list(analysis.languages) or detected}
    if analysis.client_token:
        body |= {"clientToken": analysis.client_token}
    return AnalysisAnswer({**body, "detectedLanguages": detected}, first.model_version, tuple(left_out))


def _check_languages(
    analysis: Analysis, checked: Sequence[Checked], detected: Sequence[str], settings: SiteSettings
) -> None:
    pairs, is_named = list(zip(detected, checked, strict=True)), bool(analysis.languages)
    for attribute in analysis.attributes:
        if attribute.signal is None or SIGNALS[attribute.signal].model != TOXICITY.model:
            continue
        unknown = [
            language
            for language, outcome in pairs
            if not _decides(outcome, attribute.signal, language, settings, is_named)
        ]
        if unknown:
            raise unsupported_language(attribute.name, unknown, detected)


def _decides(checked: Checked, signal: str, language: str, settings: SiteSettings, is_named: bool) -> bool:
    """Whether the scores are good enough to decide in this language, or the site trusts them there. Callers publish by
    them, so scores that only advise are not given out.

    Detection never overrules the language that a caller names: Coral names its site's, whatever a reader writes in.
    """
    if (checked.abstained(signal) or "").startswith("language"):
        return False
    code = language.replace("_", "-").partition("-")[0].lower()
    if code in settings.held_languages:
        return False
    supported = checked.signals.get(LANGUAGE_SUPPORTED.name)
    if supported is None or supported.value is None or supported.value >= 1 or code in settings.trusted_languages:
        return True
    return is_named and set(language_signal.languages_of(supported)) != {
        code
    }  # others were seen in the text; the caller's word counts


def _value(attribute: Requested, checked: Checked) -> float | None:
    value = checked.value(attribute.signal) if attribute.signal else None
    return 1 - value if value is not None and attribute.name == OFF_TOPIC else value


def _refuse_or_leave_out(attribute: Requested, checked: Checked, settings: SiteSettings) -> None:
    if settings.perspective_without_model is WithoutModel.OMIT:
        return
    why = checked.abstained(attribute.signal) if attribute.signal else None
    if why is not None:  # the signal works, and not for this text
        raise invalid(f"Attribute {attribute.name} has no score for this comment: {why}")
    raise unknown_attribute(attribute.name)


class _Curve:
    """Our values on the scale of the site, with as many digits as a 32-bit float has."""

    def __init__(self, attribute: Requested, maps: ScoreMaps) -> None:
        self._points = maps.get(attribute.name) or maps.get(attribute.map_name)

    def __call__(self, value: float) -> float:
        mapped = score_maps.applied(self._points, value) if self._points else value
        return float(f"{mapped:.8g}")


def _scores(attribute: Requested, value: float, analysis: Analysis, checked: Checked, curve: _Curve) -> dict[str, Any]:
    spans = [
        {"begin": begin, "end": end, "score": {"value": curve(score), "type": PROBABILITY}}
        for begin, end, score in _spans(attribute, value, analysis, checked)
    ]
    return {"spanScores": spans, "summaryScore": {"value": curve(value), "type": PROBABILITY}}


def _spans(
    attribute: Requested, value: float, analysis: Analysis, checked: Checked
) -> Iterator[tuple[int, int, float]]:
    """The spans by sentence if the caller asks for that and the signal has such values; else one over the whole
    text."""
    offsets = analysis.offsets
    by_sentence = [part for part in checked.sentences if attribute.signal in part.values]
    if not analysis.by_sentence or not by_sentence:
        yield 0, offsets.length, value
    for sentence in by_sentence if analysis.by_sentence else ():
        yield offsets.of(sentence.start), offsets.of(sentence.end), sentence.values[attribute.signal or ""]

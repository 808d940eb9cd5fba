"""Scores lines of JSON, one comment each, in order, without database or queue."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, TextIO

from moderation.ground.values.json_form import span_to_json
from moderation.ground.values.signals import Signal, Span
from moderation.judging.signals.model_signals import RELEVANCE
from moderation.judging.signals.registry import SIGNALS
from workers.commands.lines import MAX_LINE_BYTES, InputLine, in_batches, size_of
from workers.scoring.language.deciding import language_of
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer

EXPLAIN_FROM = 0.5
"""From this value on, the words that carry the highest toxicity signal are looked for. A relevance as far below 1 has
its off-topic words looked for."""


class BadLine(Exception):
    """A line that is not a comment. The message says why."""


def score_lines(
    scorer: Scorer, source: BinaryIO, results: TextIO, notes: TextIO, *, explain_from: float = EXPLAIN_FROM
) -> int:
    """Scores every line and returns how many were bad. A program that sends one line and waits gets its answer at
    once."""
    progress = Progress(notes, size_of(source))
    bad = 0
    for lines in in_batches(source):
        comments = []
        for line in lines:
            try:
                comments.append(_comment_of(line))
            except BadLine as e:
                bad += 1
                progress.clear()
                print(f"line {line.number}: {e}", file=notes, flush=True)
        for answer in answers(scorer, comments, explain_from):
            print(json.dumps(answer, ensure_ascii=False), file=results)
        results.flush()
        progress.show(len(lines), sum(len(line.raw) for line in lines))
    progress.clear()
    return bad


def _comment_of(line: InputLine) -> Scorable:
    if line.is_too_long:
        raise BadLine(f"longer than {MAX_LINE_BYTES:,} bytes")
    return read_comment(line.raw)


def read_comment(raw: bytes) -> Scorable:
    """Raises BadLine if the line is not a JSON object with a text."""
    try:
        form = json.loads(raw)
    except (ValueError, RecursionError) as e:
        raise BadLine(f"not JSON: {e}") from e
    if not isinstance(form, dict):
        raise BadLine("not a JSON object")
    article = {} if form.get("article") is None else form["article"]
    if not isinstance(article, dict):
        raise BadLine("article: not an object")
    text = _string(form, "text")
    if text is None or not text.strip():
        raise BadLine("text: missing or empty")
    return Scorable(
        text=text,
        language=(_string(form, "language") or "").strip() or None,
        title=_string(article, "title", "article."),
        summary=_string(article, "summary", "article."),
        article_text=_string(article, "text", "article."),
        article_language=(_string(article, "language", "article.") or "").strip() or None,
        section=_string(article, "section", "article."),
        tags=_tags(article),
        parent_text=_string(form, "parent"),
    )


def answers(scorer: Scorer, comments: Sequence[Scorable], explain_from: float) -> list[dict[str, Any]]:
    """The answer for each comment, ready for JSON."""
    scored = scorer.score(comments)
    wanted = [Unexplained(c, _to_explain(signals, explain_from)) for c, signals in zip(comments, scored, strict=True)]
    explained = scorer.explain(wanted)
    return [_answer(scorer, signals, words) for signals, words in zip(scored, explained, strict=True)]


def _to_explain(signals: Sequence[Signal], explain_from: float) -> tuple[str, ...]:
    """The highest toxicity signal if it is high enough, and relevance if it is as far below 1."""
    values = {s.name: s.value for s in signals if s.value is not None}
    harmful = [name for name in values if SIGNALS[name].is_harmful and values[name] >= explain_from]
    toxic = [max(harmful, key=values.__getitem__)] if harmful else []
    is_off_topic = values.get(RELEVANCE.name, 1.0) <= 1.0 - explain_from
    return (*toxic, RELEVANCE.name) if is_off_topic else tuple(toxic)


def _answer(scorer: Scorer, signals: Sequence[Signal], words: dict[str, tuple[Span, ...]]) -> dict[str, Any]:
    evidence = {s.name: s.evidence for s in signals if s.evidence} | words
    return {
        "signals": {s.name: s.value for s in signals},
        "abstained": {s.name: s.abstained for s in signals if s.abstained is not None},
        "language": language_of(signals),
        "evidence": {name: [span_to_json(span) for span in spans] for name, spans in evidence.items()},
        "models": dict(scorer.models),
    }


class Progress:
    """One line on a terminal, rewritten at most twice a second. Without a terminal it shows nothing."""

    def __init__(self, screen: TextIO, total_bytes: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen, self._total, self._clock = screen, total_bytes, clock
        self._started = self._shown_at = clock()
        self._lines = self._bytes = 0
        self._on = screen.isatty()

    def show(self, lines: int, size: int) -> None:
        """Counts ``lines`` more comments and ``size`` more bytes that have been read."""
        self._lines += lines
        self._bytes += size
        now = self._clock()
        if not self._on or now - self._shown_at < 0.5:
            return
        self._shown_at = now
        rate = self._lines / max(now - self._started, 1e-6)
        print(f"\r\x1b[K{self._bar()}{self._lines:,} comments, {rate:,.0f}/s", end="", file=self._screen, flush=True)

    def clear(self) -> None:
        """Removes the line from the terminal."""
        if self._on:
            print("\r\x1b[K", end="", file=self._screen, flush=True)

    def _bar(self) -> str:
        if not self._total:
            return ""
        share = min(1.0, self._bytes / self._total)
        return f"[{'#' * int(30 * share):<30}] {share:4.0%}  "


def _tags(article: Mapping[str, Any]) -> tuple[str, ...]:
    tags = article.get("tags")
    if tags is None:
        return ()
    if not isinstance(tags, list):
        raise BadLine("article.tags: not a list")
    named = {str(i): tag for i, tag in enumerate(tags)}
    return tuple(filter(None, (_string(named, i, "article.tags.") for i in named)))


def _string(form: Mapping[str, Any], field: str, prefix: str = "") -> str | None:
    value = form.get(field)
    if value is not None and not isinstance(value, str):
        raise BadLine(f"{prefix}{field}: not a string")
    if value is not None and any("\ud800" <= c <= "\udfff" for c in value):
        raise BadLine(f"{prefix}{field}: half of a surrogate pair")
    return value

"""Writes the report of a house model for people: as a model card in Markdown, and as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from moderation.insight.learning.rows import LearntVersion

Report = Mapping[str, Any]

SCORED_BY = (
    ("general", "the shipped models"),
    ("house", "the house model, from the comment alone"),
    ("both", "the house model, which reads the shipped models' scores too"),
)
USES = (
    "Use it as one more score beside a limit: for people's attention first, and for decisions only after a time in the "
    "shadow and with limits that the checks drawn at random bear out.",
    "Do not use it to judge an author: it reads one comment, and no facts about who wrote it. Do not use it at another "
    "site, for texts that are not comments, or to measure the people who decide.",
    "It repeats what people here decided, with their mistakes and habits. Compare it by language and group with the "
    "checks before it decides anything.",
)
SHOWN_WORDS = 30


def card(site: str, row: LearntVersion) -> str:
    """Markdown, the same for the same version."""
    return "\n".join([*_head(site, row), "", *lines(row.report), *_words(row.report), "", *_uses()]) + "\n"


def lines(report: Report) -> Iterator[str]:
    """The figures of a report, each as a line for a terminal or a card."""
    if "both" not in report:
        yield f"Not learnt: {report['refusal']}"
        return
    yield from _examples(report)
    yield ""
    yield from _figures(report)
    yield ""
    yield from _curve(report)
    if report["reasons"]:
        yield ""
        yield from _reasons(report["reasons"])
    if report["refusal"]:
        yield ""
        yield f"Not offered: {report['refusal']}."


def headline(report: Report) -> str:
    """The share of the newest comments that could be decided without a person at 1 % error, in one sentence."""
    both, general = _at(report["both"], 0), report["general"] and _at(report["general"], 0)
    beside = f" With the shipped models alone: {general['share']:.0%}." if general else ""
    return (
        f"At {both['error']:.0%} error, {both['share']:.0%} of the newest comments could be decided automatically: "
        f"{both['published']:.0%} published and {both['rejected']:.0%} rejected.{beside}"
    )


def _head(site: str, row: LearntVersion) -> Iterator[str]:
    yield f"# House model of {site}, version {row.version}"
    yield ""
    state = "In use." if row.is_current else "Not in use."
    yield f"Learnt on {row.created_at:%d %B %Y}. {state} The signal `house` is the probability that people here would "
    yield "reject a comment."


def _examples(report: Report) -> Iterator[str]:
    sources = report["by_source"]
    yield (
        f"Learnt from {report['decided']:,} decisions by people, {report['rejected']:,} of them rejections, "
        f"from {_day(report['learnt_from'])} to {_day(report['learnt_until'])}: {sources['people']:,} made here, "
        f"{sources['import']:,} imported, {sources['check']:,} drawn at random for checking."
    )
    if sources["quiet"]:
        yield f"Beside them {sources['quiet']:,} published comments about which nobody complained count a little."
    yield (
        f"Judged on the newest {report['judged']:,} decisions, from {_day(report['judged_from'])} on, "
        f"{report['judged_rejected']:,} of them rejections, by a fit that has not seen them."
    )


def _figures(report: Report) -> Iterator[str]:
    errors = [point["error"] for point in report["both"]["automated"]]
    yield f"| scored by | AUC | {' | '.join(f'decided at {error:.0%} error' for error in errors)} |"
    yield f"|---|---|{'---|' * len(errors)}"
    for name, words in SCORED_BY:
        figures = report[name]
        if figures is None:
            yield f"| {words} | say nothing in this language | {' | '.join('' for _ in errors)} |"
            continue
        shares = [
            f"{point['share']:.1%}{_range(point.get('share_range'), '.1%')} "
            f"({point['published']:.1%} published, {point['rejected']:.1%} rejected)"
            for point in figures["automated"]
        ]
        yield f"| {words} | {figures['auc']:.3f}{_range(figures.get('auc_range'), '.3f')} | {' | '.join(shares)} |"
    yield ""
    if "auc_range" in report["both"]:
        yield "In square brackets is the 95 % interval."
        yield ""
    yield (
        "*Decided at 1 % error*: the largest share that could be published and rejected automatically if at most "
        "one in a hundred of each were wrong, with limits chosen on the same comments."
    )
    yield from _decides_less(report)


def _range(interval: Sequence[float] | None, form: str) -> str:
    """Nothing of versions that were learnt before their reports had intervals."""
    return f" [{interval[0]:{form}}–{interval[1]:{form}}]" if interval else ""


def _decides_less(report: Report) -> Iterator[str]:
    """A greater AUC can go with fewer comments that are decided without a person."""
    general = report["general"]
    for new, shipped in zip(report["both"]["automated"], general["automated"] if general else (), strict=False):
        if new["share"] < shipped["share"]:
            yield ""
            yield (
                f"At {new['error']:.0%} error it decides fewer comments automatically than the shipped models: "
                f"{new['share']:.1%} instead of {shipped['share']:.1%}."
            )


def _curve(report: Report) -> Iterator[str]:
    yield "| learnt from | AUC | decided at 1 % error |"
    yield "|---|---|---|"
    for point in report["curve"]:
        yield f"| {point['examples']:,} decisions | {point['auc']:.3f} | {_at(point, 0)['share']:.1%} |"
    yield ""
    yield "More decisions would help." if report["more_would_help"] else "More decisions alone would help little."


def _reasons(reasons: Sequence[Report]) -> Iterator[str]:
    yield "| reason | rejected for it | AUC |"
    yield "|---|---|---|"
    for reason in reasons:
        auc = "too few among the newest" if reason["auc"] is None else f"{reason['auc']:.3f}"
        yield f"| {reason['reason']} | {reason['examples']:,} | {auc} |"


def _words(report: Report) -> Iterator[str]:
    for side, words in (("for", "speak for rejecting"), ("against", "speak against it")):
        strongest = report.get("words", {}).get(side, [])[:SHOWN_WORDS]
        if strongest:
            yield ""
            yield f"Words that {words} here, the strongest first: {', '.join(word for word, _weight in strongest)}."


def _uses() -> Iterator[str]:
    yield "## What it is for"
    for paragraph in USES:
        yield ""
        yield paragraph


def _at(judged: Report, place: int) -> Report:
    point: Report = judged["automated"][place]
    return point


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d %B %Y}"

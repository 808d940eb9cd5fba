"""The comments that a flood sends, each by an author of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from bench.hostile import PROSE

CHARS, ARTICLE_CHARS = 19_900, 199_000
MIXED = "Du bist dumm, it is said. Vous êtes tous nuls, it is said. Eres un ladrón, it is said. Сколько это стоит? "

Body = dict[str, object]


class Flood(StrEnum):
    """The comments of strangers: many short ones, many that are just not slow, 250 long ones, 64 articles of 200 KB."""

    NOTHING = "nothing"
    SHORT = "short"
    MEDIUM = "medium"
    DOTS = "dots"
    LINKS = "links"
    MIXED = "mixed"
    ARTICLES = "articles"


def body_of(number: int, said: str, **article: object) -> Body:
    about = {"id": "export-controls", "title": "Export controls on rare earths", **article}
    return {"article": about, "author": {"id": f"reader-{number}"}, "text": said}


def _repeated(unit: str, count: int) -> Iterator[Body]:
    for number in range(count):
        text = f"{number} {unit * math.ceil(CHARS / len(unit))}"
        yield body_of(number, text[:CHARS])


def _links() -> Iterator[Body]:
    for number in range(250):
        text = " ".join(f"https://a{number}-{n}.example.com/{n}?x={n}" for n in range(450))
        yield body_of(number, text[:CHARS])


def _articles() -> Iterator[Body]:
    for number in range(64):
        words = " ".join(_word(number * 40_000 + n) for n in range(40_000))
        yield body_of(number, f"{PROSE} Number {number}.", id=f"article-{number}", text=words[:ARTICLE_CHARS])


def _word(number: int) -> str:
    """Another one for each number."""
    letters = ""
    while number or not letters:
        number, rest = divmod(number, 100)
        letters += "bcdfghklmnprstvwyzqx"[rest // 5] + "aeiou"[rest % 5]
    return letters


def _medium() -> Iterator[Body]:
    """Just cheap enough not to be slow."""
    for number in range(5_000):
        yield body_of(number, f"{number} " + "It is said. " * 60)


def _short() -> Iterator[Body]:
    for number in range(5_000):
        yield body_of(number, f"No, number {number} is wrong.")


FLOODS: Mapping[Flood, Callable[[], Iterator[Body]]] = {
    Flood.NOTHING: lambda: iter(()),
    Flood.SHORT: _short,
    Flood.MEDIUM: _medium,
    Flood.DOTS: lambda: _repeated("…‥", 250),
    Flood.LINKS: _links,
    Flood.MIXED: lambda: _repeated(MIXED, 250),
    Flood.ARTICLES: _articles,
}

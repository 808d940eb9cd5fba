"""A newsroom in mid-shift, for browser tests and for the pictures in the docs. Everything is invented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from moderation.ground.environment.settings import Settings
from service.app import create_app
from tests.service.desk.cast import Cast

EXPORTS: dict[str, Any] = {
    "article_id": "a-exports",
    "article": {
        "title": "Export licences for rare earths: what changes in April",
        "section": "Economy",
        "url": "https://news.example/economy/export-licences",
    },
}
TRAM: dict[str, Any] = {
    "article_id": "a-tram",
    "article": {"title": "Council votes on the tram to the harbour tonight", "section": "City"},
}
READERS = ("Imogen Hale", "HarbourMaster", "P. Okafor", "Lotte", "Sanjay R.", "night_owl_77", "M. Brandt", "tomasz")
TEXTS = (
    ("What an idiot you have to be to believe that a licence protects a single job here.", ("idiot",), 0.94, 0.62),
    ("Cheap watches and handbags, write to me for the address, best prices of the month.", (), 0.12, 0.03),
    ("People like you should be chased out of town with a stick.", ("chased out of town",), 0.91, 0.41),
    ("The minister is a liar and everybody in this country knows it.", ("liar",), 0.86, 0.71),
    ("My cat had four kittens on Sunday and they are all ginger.", (), 0.04, 0.02),
    ("Shut up, moron, nobody asked for the opinion of a professional whiner.", ("moron", "whiner"), 0.97, 0.35),
    ("Does anybody here read the article before writing such stupid rubbish?", ("stupid rubbish",), 0.83, 0.66),
    ("You clowns would sell the harbour for a free lunch.", ("clowns",), 0.88, 0.58),
)


def mid_shift(cast: Cast, *, comments: int = 24) -> None:
    """Some two dozen flagged comments of the last hours, the most urgent of them a reply in a thread."""
    _thread(cast)
    for number in range(comments):
        text, evidence, toxicity, relevance = TEXTS[number % len(TEXTS)]
        cast.flagged(
            text if number < len(TEXTS) else f"{text} I have said so {number} times.",
            author=READERS[number % len(READERS)],
            evidence=evidence,
            scores={"toxicity": toxicity, "insult": toxicity - 0.15, "relevance": relevance, "threat": 0.04},
            now=cast.now - timedelta(minutes=4 + 13 * number),
            **(EXPORTS if number % 3 else TRAM),
        )


def _thread(cast: Cast) -> None:
    earlier = cast.now - timedelta(hours=5)
    cast.published(
        "Only the magnets and some alloys need a licence, as far as I know. The pumps were probably held up because "
        "nobody at the port dared to say so.",
        id="parent-1",
        author="Sanjay R.",
        now=earlier,
        **EXPORTS,
    )
    cast.flagged(
        "Oh, the great expert speaks again. You wrote the same nonsense about the lithium plant and you were wrong "
        "then, you absolute fool.\n\nGo back to your pumps. If I ever meet you at the port you will be sorry.",
        author="night_owl_77",
        parent_id="parent-1",
        evidence=("absolute fool", "you will be sorry", "nonsense"),
        scores={"toxicity": 0.96, "insult": 0.91, "threat": 0.64, "relevance": 0.55, "obscene": 0.31},
        now=cast.now - timedelta(hours=9),
        **EXPORTS,
    )


def counts(cast: Cast, table: sa.Table, column: str) -> dict[str, int]:
    with cast.database.read() as conn:
        rows = conn.execute(sa.select(table.c[column], sa.func.count()).group_by(table.c[column]))
        return {row[0]: row[1] for row in rows}


def client(cast: Cast) -> FlaskClient:
    """The desk without a browser, on the same database."""
    return create_app(Settings(demo=True), database=cast.database, queues=cast.queues).test_client()

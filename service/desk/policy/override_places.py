"""The sections and articles that the policy page offers, and those with limits of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from moderation.judging.policy.wording import OVERRIDES, override_in_words
from moderation.spine.articles import section_rows as places
from service.desk.frame.sentences.phrases import in_words
from service.desk.policy import replays
from service.languages.wording import gettext

SECTIONS, ARTICLES = OVERRIDES
OFFERED = 200  # of each kind


@dataclass(frozen=True, slots=True)
class Offer:
    """A value to choose, and more words for it."""

    value: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class OverridePlace:
    """A section or an article with limits of its own."""

    key: str
    name: str
    title: str  # of an article
    limits: str
    warning: str


def offered(conn: Connection, site_id: str) -> dict[str, list[Offer]]:
    """The site's sections, and the articles of its newest comments."""
    newest = dict.fromkeys(c.circumstances.article_id for c in replays.recent(site_id).scored)
    ids = [id for id in newest if id is not None][:OFFERED]
    titles = places.titles(conn, site_id, ids)
    return {
        SECTIONS: [Offer(name) for name in places.sections(conn, site_id, limit=OFFERED)],
        ARTICLES: [Offer(id, titles[id]) for id in ids if id in titles],
    }


def with_limits(conn: Connection, site_id: str, document: Mapping[str, Any]) -> list[OverridePlace]:
    """Sections first, each kind in the order of its names."""
    warned = {key: warnings(conn, site_id, key, list(document.get(key, {}))) for key in OVERRIDES}
    titles = places.titles(conn, site_id, list(document.get(ARTICLES, {})))
    return [
        OverridePlace(
            key,
            name,
            titles.get(name, "") if key == ARTICLES else "",
            override_in_words(own, in_words),
            warned[key][name],
        )
        for key in OVERRIDES
        for name, own in sorted(document.get(key, {}).items())
    ]


def warnings(conn: Connection, site_id: str, kind: str, names: Sequence[str]) -> dict[str, str]:
    """By the name: that the site has no such section or article yet, or nothing."""
    if kind == SECTIONS:
        unknown, words = places.unknown_sections(conn, site_id, names), gettext("No article is in this section yet.")
    else:
        unknown = set(names) - places.titles(conn, site_id, names).keys()
        words = gettext("We do not know this article yet.")
    return {name: words if name in unknown else "" for name in names}

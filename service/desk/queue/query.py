"""The queue's filters as the query string of a page, so that moderators can bookmark and share what they see."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from moderation.judging.text.language_names import base_code
from moderation.moderators.queue.view_rows import QueueOrder, QueueView
from moderation.sites.rows import Moderator
from service.desk.frame.sentences.numbers import whole
from service.languages.wording import N_

LONGEST_HOURS = 24 * 365
NAMES = ("site", "order", "signal", "section", "article", "author", "language", "hours", "escalated")
ORDER_TITLES = {
    QueueOrder.PRIORITY: N_("Most urgent first"),
    QueueOrder.NEWEST: N_("Newest first"),
    QueueOrder.OLDEST: N_("Oldest first"),
    QueueOrder.TOXICITY: N_("Most toxic first"),
    QueueOrder.RELEVANCE: N_("Least relevant first"),
    QueueOrder.LIGHTEST: N_("Lightest first"),
}


@dataclass(frozen=True, slots=True)
class View:
    """The filters as given, and the part of the queue that they select."""

    given: Mapping[str, str]
    queue: QueueView

    @property
    def query(self) -> str:
        """The view as a query string."""
        return urlencode(self.given)

    def link(self, **changes: str | None) -> str:
        """The query string with some filters changed. None drops a filter."""
        changed = {**self.given, **changes}
        return urlencode({name: value for name, value in changed.items() if value})

    def under(self, path: str, **changes: str | None) -> str:
        """The address of this view on another page."""
        query = self.link(**changes)
        return f"{path}?{query}" if query else path

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order and the list is chosen."""
        return bool(self.given.keys() - {"order", "escalated"})


def parse(given: Mapping[str, str], moderator: Moderator, *, now: datetime) -> View:
    """Drops invalid filters: a shared link to a site that one does not moderate shows one's own sites."""
    kept = {name: given[name][:200] for name in NAMES if given.get(name) and "\x00" not in given[name]}
    if given.get("status") == "escalated":  # the status filter's word for it
        kept["escalated"] = "1"
    for name in ("site", "article", "author"):
        if name in kept and not _is_id(kept[name]):
            del kept[name]
    if kept.get("site") not in moderator.roles:
        kept.pop("site", None)
    if kept.get("order") not in set(QueueOrder):
        kept.pop("order", None)
    if "language" in kept:
        kept["language"] = base_code(kept["language"])
    hours = whole(kept.get("hours", "1"))
    if hours is None or hours > LONGEST_HOURS:
        kept.pop("hours", None)
    return View(kept, _queue(kept, moderator, now))


def parse_query(query: str, moderator: Moderator, *, now: datetime) -> View:
    """The view of a form that carries the query string of its page."""
    return parse(dict(parse_qsl(query[:4000])), moderator, now=now)


def _queue(kept: Mapping[str, str], moderator: Moderator, now: datetime) -> QueueView:
    site = kept.get("site")
    hours = kept.get("hours")
    return QueueView(
        site_ids=(site,) if site else tuple(moderator.roles),
        order=QueueOrder(kept.get("order", QueueOrder.PRIORITY)),
        signal=kept.get("signal"),
        section=kept.get("section"),
        article_id=kept.get("article"),
        author_id=kept.get("author"),
        language=kept.get("language"),
        older_than=now - timedelta(hours=int(hours)) if hours else None,
        escalated="escalated" in kept,
    )


def _is_id(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False

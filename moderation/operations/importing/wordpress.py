"""WordPress' export (WXR): each article as an item, with its comments inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from xml.etree.ElementTree import Element

from moderation.operations.importing.html_text import text_of
from moderation.operations.importing.past_comment import MAX_ID_CHARS
from moderation.operations.importing.reading import (
    UNKNOWN_GUEST_NOTE,
    ArchiveSource,
    Bad,
    FoundRecord,
    Item,
    Skipped,
    attempt,
    guest,
)
from moderation.operations.importing.xml_elements import TOO_LARGE, Unit, elements, text_at
from moderation.sites.settings.rejection_reasons import SPAM_REASON

_STATUSES = {"1": "published", "approve": "published", "spam": "rejected", "trash": "rejected"}
_PINGS = frozenset({"pingback", "trackback"})
_TRASHED_WITH_ARTICLE = "post-trashed"
_BEFORE_TRASH = "_wp_trash_meta_comments_status"  # of an article: PHP's array of its comments' statuses before
TRASH_NOTE = "in the trash with their article, now with the status from before"
CLOCK_NOTE = "without a time in UTC, now with the time by the site's clock"


def read_wordpress(source: ArchiveSource) -> Iterator[Item]:
    """Pings are no comments, and what waits is no history: both are left out. An article's own fields come before its
    comments in an export."""
    for unit in elements(source.stream, ("item",), inside="comment"):
        if unit.around is None:
            continue
        item, comment = unit.around, unit.element
        name = next((_text(child) for child in comment if _local(child) == "comment_id"), "")
        place = f"comment {name[:MAX_ID_CHARS] or 'without an id'}"
        if unit.is_whole:
            yield attempt(place, partial(_comment, unit, item, source.digest))
        else:
            yield Bad(place, TOO_LARGE)


def _article(item: Element) -> dict[str, str]:
    own = {_local(child): (child.text or "").strip() for child in item}
    section = next((_text(c) for c in item.findall("category") if c.attrib.get("domain") == "category"), "")
    link = text_at(item, "link")
    return {"id": own.get("post_id") or link, "title": text_at(item, "title"), "url": link, "section": section[:100]}


def _comment(unit: Unit, item: Element, digest: Callable[[str], str] | None) -> Item:
    article = _article(item)
    own = {_local(child).removeprefix("comment_"): _text(child) for child in unit.element}
    name = own.get("id", "")
    if own.get("type") in _PINGS:
        return Skipped(own["type"])
    given = own.get("approved", "")
    approved = _status_before_trash(item, name) if given == _TRASHED_WITH_ARTICLE else given
    if approved in ("0", "hold"):
        return Skipped("waiting for a decision")
    if approved == _TRASHED_WITH_ARTICLE:
        return Skipped("in the trash with their article")
    posted_at, is_by_clock = _posted_at(own, item)
    record: dict[str, object] = {
        "id": name,
        "article": article,
        "author": _author(own, digest),
        "text": text_of(own.get("content", "")),
        "posted_at": posted_at,
        "status": _STATUSES.get(approved, approved),
    }
    if approved == "spam":
        record["reason"] = SPAM_REASON
    if own.get("parent", "0") not in ("", "0"):
        record["parent_id"] = own["parent"]
    oddities = {TRASH_NOTE: approved != given, CLOCK_NOTE: is_by_clock, UNKNOWN_GUEST_NOTE: not _is_known(own)}
    notes = unit.notes + tuple(note for note, is_so in oddities.items() if is_so)
    return FoundRecord(f"comment {name or 'without an id'} of {article['id']!r}", record, notes)


def _status_before_trash(item: Element, comment_id: str) -> str:
    """WordPress notes it at the article, as ``i:18;s:1:"1";``. Without the note the status stays unknown."""
    for meta in item:
        if _local(meta) == "postmeta" and [_text(part) for part in meta][:1] == [_BEFORE_TRASH]:
            match = re.search(rf'\bi:{re.escape(comment_id)};s:\d+:"([a-z0-9-]*)"', "".join(map(_text, meta)))
            return match[1] if match else _TRASHED_WITH_ARTICLE
    return _TRASHED_WITH_ARTICLE


def _posted_at(own: Mapping[str, str], item: Element) -> tuple[str, bool]:
    """The time, and whether it is by the site's clock. That clock is ahead of UTC as it was when the article was
    posted."""
    told, local = own.get("date_gmt", ""), _moment(own.get("date", ""))
    if not _is_empty(told) or local is None:
        return f"{told.replace(' ', 'T')}Z", False
    of_article = {_local(child): _text(child) for child in item}
    here, there = (_moment(of_article.get(name, "")) for name in ("post_date", "post_date_gmt"))
    ahead = here - there if here is not None and there is not None else timedelta(0)
    return f"{(local - ahead).isoformat()}Z", True


def _is_empty(time: str) -> bool:
    return not time or time.startswith("0000-00-00")


def _moment(time: str) -> datetime | None:
    try:
        return None if _is_empty(time) else datetime.fromisoformat(time)
    except ValueError:
        return None


def _author(own: Mapping[str, str], digest: Callable[[str], str] | None) -> dict[str, str]:
    name = own.get("author", "")
    if own.get("user_id", "0") not in ("", "0"):
        return {"id": f"user:{own['user_id']}", "name": name}
    return guest(own.get("id", ""), name, own.get("author_email", ""), digest)


def _is_known(own: Mapping[str, str]) -> bool:
    return own.get("user_id", "0") not in ("", "0") or bool(own.get("author_email"))


def _local(element: Element) -> str:
    """The tag without its namespace, whose version differs from export to export."""
    return element.tag.rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()

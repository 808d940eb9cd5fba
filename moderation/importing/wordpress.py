"""WordPress' export (WXR): each article as an item, with its comments inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from xml.etree.ElementTree import Element

from moderation.importing.html_text import text_of
from moderation.importing.past_comment import MAX_ID_CHARS
from moderation.importing.reading import ArchiveSource, Bad, FoundRecord, Item, Skipped, attempt
from moderation.importing.xml_elements import TOO_LARGE, elements, text_at
from moderation.sites.settings.rejection_reasons import SPAM_REASON

_STATUSES = {"1": "published", "approve": "published", "spam": "rejected", "trash": "rejected"}
_PINGS = frozenset({"pingback", "trackback"})


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
            yield attempt(place, partial(_comment, comment, item, source.digest))
        else:
            yield Bad(place, TOO_LARGE)


def _article(item: Element) -> dict[str, str]:
    own = {_local(child): (child.text or "").strip() for child in item}
    section = next((_text(c) for c in item.findall("category") if c.attrib.get("domain") == "category"), "")
    link = text_at(item, "link")
    return {"id": own.get("post_id") or link, "title": text_at(item, "title"), "url": link, "section": section[:100]}


def _comment(comment: Element, item: Element, digest: Callable[[str], str] | None) -> Item:
    article = _article(item)
    own = {_local(child).removeprefix("comment_"): (child.text or "").strip() for child in comment}
    name = own.get("id", "")
    if own.get("type") in _PINGS:
        return Skipped(own["type"])
    approved = own.get("approved", "")
    if approved in ("0", "hold"):
        return Skipped("waiting for a decision")
    record: dict[str, object] = {
        "id": name,
        "article": article,
        "author": _author(own, digest),
        "text": text_of(own.get("content", "")),
        "posted_at": f"{own.get('date_gmt', '').replace(' ', 'T')}Z",
        "status": _STATUSES.get(approved, approved),
    }
    if approved == "spam":
        record["reason"] = SPAM_REASON
    if own.get("parent", "0") not in ("", "0"):
        record["parent_id"] = own["parent"]
    return FoundRecord(f"comment {name or 'without an id'} of {article['id']!r}", record)


def _author(own: dict[str, str], digest: Callable[[str], str] | None) -> dict[str, str]:
    """By the account; a guest by a keyed digest of the e-mail address, not kept itself, or by the name."""
    name = own.get("author", "")
    if own.get("user_id", "0") not in ("", "0"):
        return {"id": f"user:{own['user_id']}", "name": name}
    address = own.get("author_email", "").lower()
    if address and digest is not None:
        return {"id": f"guest:{digest(address)[:32]}", "name": name}
    return {"id": f"guest:{name or 'anonymous'}"[:200], "name": name}


def _local(element: Element) -> str:
    """The tag without its namespace, whose version differs from export to export."""
    return element.tag.rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()

"""Disqus' XML export: threads first, then posts, which name threads and parents by ids of Disqus' own.

https://help.disqus.com/en/articles/1717164-comments-export
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

_D = "{http://disqus.com}"
KEPT_CHARS = 4_000  # of an article's fields, which are kept for its comments: more than any of them may have
_ID = "{http://disqus.com/disqus-internals}id"


def read_disqus(source: ArchiveSource) -> Iterator[Item]:
    """A post's thread is the article: by the identifier that the site gave Disqus, else by its address.

    Deleted posts are left out, unless ``source.deleted`` says what they were: the export does not say who deleted them.
    """
    articles: dict[str, dict[str, str]] = {}
    for unit in elements(source.stream, (f"{_D}thread", f"{_D}post")):
        element = unit.element
        place = f"{element.tag.removeprefix(_D)} {element.attrib.get(_ID, '')[:MAX_ID_CHARS] or 'without an id'}"
        if not unit.is_whole:
            yield Bad(place, TOO_LARGE)
        elif element.tag == f"{_D}post":
            yield attempt(place, partial(_post, place, unit, articles, source))
        elif _ID in element.attrib:
            articles[element.attrib[_ID]] = _article(element)


def _article(thread: Element) -> dict[str, str]:
    link, title = text_at(thread, f"{_D}link"), text_at(thread, f"{_D}title")
    name = text_at(thread, f"{_D}id") or link or thread.attrib[_ID]
    return {"id": name[:KEPT_CHARS], "title": title[:KEPT_CHARS], "url": link[:KEPT_CHARS]}


def _post(place: str, unit: Unit, articles: dict[str, dict[str, str]], source: ArchiveSource) -> Item:
    post, deleted = unit.element, source.deleted
    name = post.attrib.get(_ID, "")
    thread = post.find(f"{_D}thread")
    article = articles.get(thread.attrib.get(_ID, "")) if thread is not None else None
    if article is None:
        return Bad(place, "names a thread that the file does not have before it")
    is_spam, is_deleted = (text_at(post, f"{_D}{flag}") == "true" for flag in ("isSpam", "isDeleted"))
    if is_deleted and not is_spam and deleted is None:
        return Skipped("deleted")
    record: dict[str, object] = {
        "id": name,
        "article": article,
        "author": _author(post, source.digest),
        "text": text_of(text_at(post, f"{_D}message")),
        "posted_at": text_at(post, f"{_D}createdAt"),
        "status": "rejected" if is_spam else deleted if is_deleted else "published",
    }
    if is_spam:
        record["reason"] = SPAM_REASON
    parent = post.find(f"{_D}parent")
    if parent is not None and parent.attrib.get(_ID):
        record["parent_id"] = parent.attrib[_ID]
    return FoundRecord(place, record, unit.notes + (() if _is_known(post) else (UNKNOWN_GUEST_NOTE,)))


def _author(post: Element, digest: Callable[[str], str] | None) -> dict[str, str]:
    """By the user name, which guests do not have."""
    user, name, address = (text_at(post, f"{_D}author/{_D}{field}") for field in ("username", "name", "email"))
    return {"id": user, "name": name} if user else guest(post.attrib.get(_ID, ""), name, address, digest)


def _is_known(post: Element) -> bool:
    return any(text_at(post, f"{_D}author/{_D}{field}") for field in ("username", "email"))

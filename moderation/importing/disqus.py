"""Disqus' XML export: threads first, then posts, which name threads and parents by ids of Disqus' own.

https://help.disqus.com/en/articles/1717164-comments-export
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from moderation.importing.html_text import text_of
from moderation.importing.reading import Bad, Found, Item, Skipped, Source
from moderation.importing.xml_elements import elements, text_at
from moderation.rejection_reasons import SPAM_REASON

_D = "{http://disqus.com}"
_ID = "{http://disqus.com/disqus-internals}id"


def read_disqus(source: Source) -> Iterator[Item]:
    """A post's thread is the article: by the identifier that the site gave Disqus, else by its address.

    Deleted posts are left out, unless ``source.deleted`` says what they were: the export does not say who deleted them.
    """
    articles: dict[str, dict[str, str]] = {}
    for element in elements(source.stream, (f"{_D}thread", f"{_D}post")):
        if element.tag == f"{_D}post":
            yield _post(element, articles, source.deleted)
        elif _ID in element.attrib:
            articles[element.attrib[_ID]] = _article(element)


def _article(thread: Element) -> dict[str, str]:
    link = text_at(thread, f"{_D}link")
    name = text_at(thread, f"{_D}id") or link or thread.attrib[_ID]
    return {"id": name, "title": text_at(thread, f"{_D}title"), "url": link}


def _post(post: Element, articles: dict[str, dict[str, str]], deleted: str | None) -> Item:
    name = post.attrib.get(_ID, "")
    place = f"post {name or 'without an id'}"
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
        "author": _author(post),
        "text": text_of(text_at(post, f"{_D}message")),
        "posted_at": text_at(post, f"{_D}createdAt"),
        "status": "rejected" if is_spam else deleted if is_deleted else "published",
    }
    if is_spam:
        record["reason"] = SPAM_REASON
    parent = post.find(f"{_D}parent")
    if parent is not None and parent.attrib.get(_ID):
        record["parent_id"] = parent.attrib[_ID]
    return Found(place, record)


def _author(post: Element) -> dict[str, str]:
    """By the user name; guests have none, and count as one author for each name."""
    name = text_at(post, f"{_D}author/{_D}name")
    user = text_at(post, f"{_D}author/{_D}username")
    return {"id": user or f"guest:{name or 'anonymous'}"[:200], "name": name}

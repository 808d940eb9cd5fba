"""An article's newest comments as a feed for readers' programs (https://www.rssboard.org/rss-specification)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import format_datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from flask import Response, request
from markupsafe import Markup

from moderation.ground.wording import sentences
from moderation.judging.text.reading_budget import Budget
from moderation.readers.pages import article_rows as store
from moderation.readers.pages import page_rows
from moderation.readers.pages.line_rows import PageLine
from moderation.readers.pages.page_rows import ShownArticle
from service.api import words
from service.api.pages import kept
from service.api.words import Words
from service.context import gavel
from service.embed import comment_text, plain_page
from service.embed.comment_text import Piece
from service.web import reading_time

MOST = 50
SECONDS = 300  # readers' programs ask every few minutes, and each of them for itself
_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def show(article_id: str) -> Response:
    """Raises NotFound for a site that has named no origin of its pages."""
    site = plain_page.site_asked_for()
    with gavel().database.read() as conn:
        article = page_rows.find_article(conn, site.id, article_id)
        said = words.of(site.id, sentences.nearest(request.args.get("language")))
        state = (article.version, article.updated_at) if article else None
        tag = kept.tag_of(site.digest, state, said.language, sorted(said.texts.items()))
        if answer := kept.unchanged(tag, seconds=SECONDS):
            return answer
        newest = store.newest(conn, article.id, limit=MOST) if article else []
    feed = _feed(article_id, article, newest, said, has_links=site.has_links)
    response = Response(ET.tostring(feed, encoding="utf-8", xml_declaration=True), mimetype="application/rss+xml")
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}, stale-while-revalidate={kept.STALE_SECONDS}"
    return response


def _feed(
    article_id: str, article: ShownArticle | None, newest: Sequence[PageLine], said: Words, *, has_links: bool
) -> ET.Element:
    title, url = (article.title, article.url) if article else (None, None)
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", f"{said['comments']}: {title or article_id}")
    _add(channel, "link", url or request.host_url)
    _add(channel, "description", said.count(article.comments if article else 0))
    _add(channel, "language", said.language)
    budget = reading_time.of_page()
    for line in newest:
        item = ET.SubElement(channel, "item")
        _add(item, "title", line.author_name or said["no_name"])
        if url:
            _add(item, "link", f"{url}#gavel-{quote(line.external_id, safe='')}")
        ET.SubElement(item, "guid", isPermaLink="false").text = line.id
        _add(item, "pubDate", format_datetime(line.posted_at, usegmt=True))
        _add(item, "description", _html(line.text, budget, has_links=has_links))
    return rss


def _html(text: str, budget: Budget, *, has_links: bool) -> str:
    """As the box shows it: readers' programs take a description as HTML."""
    blocks = comment_text.blocks(text, budget, has_links=has_links)
    return Markup("").join(
        Markup("<blockquote>{}</blockquote>" if block.is_quote else "{}").format(
            Markup("").join(Markup("<p>{}</p>").format(Markup("").join(map(_piece, some))) for some in block.paragraphs)
        )
        for block in blocks
    )


def _piece(piece: Piece) -> Markup:
    if piece.address is None:
        return Markup("<br>").join(piece.text.split("\n"))
    return Markup('<a href="{}" rel="ugc nofollow noopener">{}</a>').format(piece.address, piece.text)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("", text)

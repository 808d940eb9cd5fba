"""Articles that nobody has described. The first comment of a signed reader brings the address of its page, at an
origin that the site has named. A page changes no article that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urldefrag

from sqlalchemy.engine import Connection

from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.judging.text.contacts.address_form import origin_of
from moderation.sites import rows as sites
from moderation.spine.articles import rows as articles

WINDOW = timedelta(hours=1)
MOST_IN_WINDOW = 300
"""New articles of a site, those that it described itself included. A big newsroom publishes as many in a day."""


@dataclass(frozen=True, slots=True)
class CommentedPage:
    """Where a comment was written, as its page says."""

    url: str
    title: str | None


def described(
    conn: Connection, site_id: str, article_id: str, page: CommentedPage | None, *, now: datetime
) -> tuple[tuple[str, object], ...]:
    """The fields of the new article. Raises NotFound without a page and for a site with too many new articles, and
    InvalidInput for an address at a strange origin."""
    if page is None:
        raise NotFound("article", article_id)
    if origin_of(page.url) not in sites.get_site(conn, site_id).settings.origins:
        raise InvalidInput(FieldProblem("article_url", "must be an address at one of the site's origins"))
    if articles.count_since(conn, site_id, now - WINDOW, limit=MOST_IN_WINDOW) == MOST_IN_WINDOW:
        raise NotFound("article", article_id)
    return ("url", urldefrag(page.url).url), ("title", page.title)

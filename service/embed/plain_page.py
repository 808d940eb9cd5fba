"""An article's first page of comments as plain HTML, for a site's server to include: search engines and readers without
scripts see the comments that the box shows."""

from __future__ import annotations

from flask import Response, current_app, render_template, request
from markupsafe import Markup

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.modes import Mode, ModeName
from moderation.ground.wording import sentences
from moderation.readers.pages import page_rows as store
from moderation.readers.pages.page_rows import PageOrder, ShownArticle
from service.api import words
from service.api.pages import admission, kept
from service.api.pages.admission import PageSite
from service.api.words import Words
from service.context import gavel, utc_now
from service.embed import comment_text
from service.web import reading_time

THREADS, REPLIES = 50, 10
SECONDS = 60


def show(article_id: str) -> Response:
    """Raises NotFound for a site that has named no origin of its pages."""
    site = site_asked_for()
    with gavel().database.read() as conn:
        article = store.find_article(conn, site.id, article_id)
    said = words.of(site.id, sentences.nearest(request.args.get("language")))
    state = (article.version, article.updated_at, article.state) if article else None
    mode = site.mode_of(article, utc_now())
    tag = kept.tag_of(site.digest, state, mode, said.language, sorted(said.texts.items()))
    if answer := kept.unchanged(tag, seconds=SECONDS):
        return answer
    response = _page(site, article_id, article, _why_closed(article, mode, said), said)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}, stale-while-revalidate={kept.STALE_SECONDS}"
    return response


def site_asked_for() -> PageSite:
    """Raises InvalidInput without one, and NotFound."""
    name = request.args.get("site")
    if not name:
        raise InvalidInput(FieldProblem("site", "is missing"))
    known: admission.PageSites = current_app.extensions[admission.EXTENSION]
    return known.get(name)


def _page(site: PageSite, article_id: str, article: ShownArticle | None, closed: str, said: Words) -> Response:
    threads = []
    if article is not None:
        with gavel().database.read() as conn:
            threads = store.threads(conn, article.id, PageOrder.NEWEST, after=None, limit=THREADS, replies=REPLIES)
    count = article.comments if article else 0
    shown = {"article_id": article_id, "threads": threads, "count": count, "closed": closed}
    shown |= {"title": article.title, "url": article.url} if article else {}
    budget = reading_time.of_page()
    shown["blocks"] = lambda text: comment_text.blocks(text, budget, has_links=site.has_links)
    html = render_template("embed/comments.html", words=said, **shown)
    response = Response(Markup(html).strip() + "\n", mimetype="text/html")
    response.headers["X-Robots-Tag"] = "noindex"  # the site's own page is the one to find
    return response


def _why_closed(article: ShownArticle | None, mode: Mode | None, said: Words) -> str:
    """The reason in the box's words; empty while comments are open."""
    if article is not None and article.state is ArticleState.CLOSED:
        return said["closed_aged" if article.is_aged else "closed"]
    return said.closed_until(mode.ends_at) if mode is not None and mode.name is ModeName.CLOSED else ""

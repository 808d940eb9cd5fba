"""An article's first page of comments as plain HTML, for a site's server to include: search engines and readers without
scripts see the comments that the box shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask import Response, current_app, render_template, request
from markupsafe import Markup

from moderation.errors import FieldProblem, InvalidInput
from moderation.pages import page_rows as store
from moderation.pages import site_texts
from moderation.pages.page_rows import PageOrder, ShownArticle
from moderation.values.articles import ArticleState
from service.api.pages import admission, kept, texts
from service.api.pages.admission import PageSite
from service.context import gavel

THREADS, REPLIES = 50, 10
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Words:
    """The box's texts in a language, and its way with numbers and dates."""

    language: str
    texts: Mapping[str, str]

    def __getitem__(self, code: str) -> str:
        return self.texts[code]

    def count(self, number: int) -> str:
        form = Locale.parse(self.language).plural_form(number) if number else "none"
        text = self.texts.get(f"count_{form}") or self.texts["count_many"]
        return text.replace("{count}", format_decimal(number, locale=self.language))

    def answering(self, name: str) -> str:
        return self.texts["answering"].replace("{name}", name)

    def moment(self, at: datetime) -> str:
        return f"{format_datetime(at, 'medium', locale=self.language)} UTC"


def show(article_id: str) -> Response:
    """Raises NotFound for a site that has named no origin of its pages."""
    site = _site()
    with gavel().database.read() as conn:
        article = store.find_article(conn, site.id, article_id)
    words = _words(site)
    state = (article.version, article.updated_at, article.state) if article else None
    tag = kept.tag_of(site.digest, state, words.language, sorted(words.texts.items()))
    if answer := kept.unchanged(tag, seconds=SECONDS):
        return answer
    response = _page(article, words)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}, stale-while-revalidate={kept.STALE_SECONDS}"
    return response


def _site() -> PageSite:
    name = request.args.get("site")
    if not name:
        raise InvalidInput(FieldProblem("site", "is missing"))
    known: admission.PageSites = current_app.extensions[admission.EXTENSION]
    return known.get(name)


def _words(site: PageSite) -> Words:
    language = texts.nearest(request.args.get("language", texts.FALLBACK))
    return Words(language, {**texts.ours(language), **site_texts.of(gavel().database, site.id, language)})


def _page(article: ShownArticle | None, words: Words) -> Response:
    threads = []
    if article is not None:
        with gavel().database.read() as conn:
            threads = store.threads(conn, article.id, PageOrder.NEWEST, after=None, limit=THREADS, replies=REPLIES)
    is_open = article is None or article.state is not ArticleState.CLOSED
    count = article.comments if article else 0
    html = render_template("embed/comments.html", threads=threads, words=words, count=count, is_open=is_open)
    response = Response(Markup(html).strip() + "\n", mimetype="text/html")
    response.headers["X-Robots-Tag"] = "noindex"  # the site's own page is the one to find
    return response

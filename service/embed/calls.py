"""Serves the box's script to the pages of any site, an article's comments without a script and as a feed, the form for
notices of illegal content, and the house rules."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request
from pydantic import TypeAdapter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.errors import FieldProblem, InvalidInput
from service.api.fields import ArticleId
from service.auth import Clock, open_to_all
from service.embed import feed, notice_form, plain_page, rules_page
from service.embed.script import Script, built, later
from service.errors import field_problems

embed = Blueprint("embed", __name__, url_prefix="/embed")

A_WHILE = "public, max-age=600, stale-while-revalidate=86400"  # soon, an upgrade is in all pages that are loaded
FOR_EVER = "public, max-age=31536000, immutable"  # under an address that names the version
_ARTICLE: TypeAdapter[str] = TypeAdapter(ArticleId)


def register(app: Flask, per_minute_of_keys: int, clock: Clock) -> None:
    notice_form.register(app, per_minute_of_keys, clock)
    app.register_blueprint(embed)


@embed.get("/v1.js")
@open_to_all
def show_script() -> Response:
    """Any page may load it, and a page that insists on its hash may too. It is the same for all sites, and holds
    nothing of any of them."""
    return _script(built())


@embed.get("/v1/later.js")
@open_to_all
def show_later_script() -> Response:
    """The script asks for it by its version."""
    return _script(later())


def _script(script: Script) -> Response:
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = Response(script.packed if is_packed else script.plain, mimetype="text/javascript")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"  # it is public, and takes no credential
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == script.version else A_WHILE
    response.set_etag(f"{script.version}{'-gzip' if is_packed else ''}")
    response.make_conditional(request)
    return response


@embed.get("/v1/articles/<article>.html")
@open_to_all
def show_comments(article: str) -> Response:
    """The first page of an article's comments without a script."""
    return plain_page.show(_named(article))


@embed.get("/v1/articles/<article>.rss")
@open_to_all
def show_feed(article: str) -> Response:
    """An article's newest comments for programs that read feeds."""
    return feed.show(_named(article))


def _named(article: str) -> str:
    """Raises InvalidInput for what can be no article's id."""
    try:
        return _ARTICLE.validate_python(article)
    except ValidationError as e:
        raise InvalidInput(FieldProblem("article", field_problems(e)[0].message)) from e


@embed.get("/v1/notice/<site>")
@open_to_all
def show_notice_form(site: str) -> Response:
    """The form for a notice of illegal content, for visitors who are not signed in."""
    return notice_form.show(site)


@embed.post("/v1/notice/<site>")
@open_to_all
def take_notice(site: str) -> BaseResponse:
    """Takes a visitor's notice."""
    return notice_form.take(site)


@embed.get("/v1/rules/<site>")
@open_to_all
def show_rules(site: str) -> BaseResponse:
    """The house rules for readers."""
    return rules_page.show(site)

"""Serves the box's script to the pages of any site. It is the same for all, and holds nothing of any of them."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request

from service.auth import open_to_all
from service.embed import plain_page
from service.embed.script import built

embed = Blueprint("embed", __name__, url_prefix="/embed")

A_DAY = "public, max-age=86400, stale-while-revalidate=604800"
FOR_EVER = "public, max-age=31536000, immutable"  # under an address that names the version


def register(app: Flask) -> None:
    app.register_blueprint(embed)


@embed.get("/v1.js")
@open_to_all
def show_script() -> Response:
    """Any page may load it, and a page that insists on its hash may too."""
    script = built()
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = Response(script.packed if is_packed else script.plain, mimetype="text/javascript")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"  # it is public, and takes no credential
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == script.version else A_DAY
    response.set_etag(f"{script.version}{'-gzip' if is_packed else ''}")
    response.make_conditional(request)
    return response


@embed.get("/v1/articles/<article>.html")
@open_to_all
def show_comments(article: str) -> Response:
    """The first page of an article's comments without a script."""
    return plain_page.show(article)

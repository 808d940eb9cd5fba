"""The Northgate Courier: articles with a question under each, and readers' answers, moderated by Gavel.

The comments are in Gavel's box; browsers without scripts get a list and a form from this server. The site stores no
comment: Gavel knows what readers wrote and who may read it.
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from examples.newsroom.gavel import Away, Gavel, Refused, Silenced
from examples.newsroom.readers import ID, Box, box, keep, reader, readers

SAMPLE = Path(__file__).parent.parent / "sample" / "articles.json"
MINE = 5  # a reader's latest comments, kept in a cookie

paper = Blueprint("paper", __name__)


def create_app(gavel: Gavel | None = None, articles_file: Path = SAMPLE) -> Flask:
    app = Flask(__name__)
    app.extensions["gavel"] = gavel or Gavel(os.environ["GAVEL_URL"], os.environ["GAVEL_KEY"])
    written = json.loads(articles_file.read_text(encoding="utf-8"))
    app.extensions["articles"] = {article["id"]: article for article in written}
    app.extensions["box"] = Box.from_env()
    app.add_template_filter(moment)
    app.register_blueprint(readers)
    app.register_blueprint(paper)
    return app


@paper.get("/")
def front() -> AnyResponse:
    return redirect(url_for(".article", article_id=next(iter(articles()))))


@paper.get("/<article_id>")
def article(article_id: str) -> Response:
    form = {"name": request.cookies.get("name", ""), "parent_id": request.args.get("reply_to", "")}
    return page(the_article(article_id), form)


@paper.post("/<article_id>")
def write(article_id: str) -> AnyResponse:
    shown = the_article(article_id)
    form = {field: request.form.get(field, "").strip() for field in ("name", "text", "parent_id", "id")}
    if not form["text"] or not form["name"]:
        return page(shown, form, "Please write a comment and the name to show with it.", 422)
    comment = comment_from(form, shown)
    try:
        gavel().submit(comment)
    except Silenced:  # since the form was opened: the page says so, and has no form
        return page(shown, form, status=403)
    except Refused as e:
        return page(shown, form, str(e), 422)
    except Away as e:
        current_app.logger.warning("comment not sent: %s", e)
        return page(shown, form, "Comments cannot be sent just now. Please try again in a minute.", 503)
    answer = redirect(url_for(".article", article_id=article_id, sent=comment["id"], _anchor="comments"), 303)
    keep(answer, "mine", ".".join([*mine(), comment["id"]][-MINE:]))
    keep(answer, "reader", comment["author"]["id"])
    keep(answer, "name", form["name"])
    return answer


def comment_from(form: dict[str, str], shown: dict[str, Any]) -> dict[str, Any]:
    """The comment as Gavel receives it."""
    return {
        # Made with the form: sending the form twice makes one comment
        "id": form["id"] if ID.fullmatch(form["id"]) else uuid.uuid4().hex,
        "article": {key: shown[key] for key in ("id", "title", "url", "text")},
        "author": {"id": reader(), "name": form["name"]},
        "text": form["text"],
        **({"parent_id": form["parent_id"]} if form["parent_id"] else {}),
    }


def page(shown: dict[str, Any], form: dict[str, str], problem: str = "", status: int = 200) -> Response:
    published, pending = comments_of(shown["id"])
    by_id = {comment["id"]: comment for comment in published or []}
    sent = request.args.get("sent", "")
    html = render_template(
        "article.html",
        articles=articles().values(),
        article=shown,
        threads=threads(published),
        picks=[comment for comment in published or [] if comment["featured"]],
        published=published,
        names={id: comment["author"]["name"] or "a reader" for id, comment in by_id.items()},
        pending=pending,
        sent=sent if sent in by_id else "",
        parent=by_id.get(form["parent_id"]),
        form={"id": uuid.uuid4().hex, **form},
        problem=problem,
        closed=closed_to_reader(),
        box=box(),
        name=request.cookies.get("name", ""),
    )
    answer = make_response(html, status)
    keep(answer, "reader", reader())
    return answer


def comments_of(article_id: str) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]]]:
    """The published comments, or None if Gavel does not answer, and this reader's own that nobody else sees yet."""
    try:
        published = gavel().published(article_id)
        public = {c["id"] for c in published}
        own = [c for comment_id in mine() if comment_id not in public if (c := own_comment(comment_id))]
    except Refused:  # nobody has commented on this article yet
        return [], []
    except Away as e:
        current_app.logger.warning("comments not shown: %s", e)
        return None, []
    return published, [c for c in own if c["article_id"] == article_id and c["status"] != "withdrawn"]


def closed_to_reader() -> str | None:
    """Why this reader may not comment, in words for them; None where they may. A site with many readers would learn it
    from the events about authors, and ask only when a form is sent."""
    try:
        return gavel().silenced(reader())
    except Away as e:
        current_app.logger.warning("not known whether the reader may comment: %s", e)
        return None


def own_comment(comment_id: str) -> dict[str, Any] | None:
    try:
        return gavel().comment(comment_id)
    except Refused:
        return None


def gavel() -> Gavel:
    gavel: Gavel = current_app.extensions["gavel"]
    return gavel


def articles() -> dict[str, dict[str, Any]]:
    articles: dict[str, dict[str, Any]] = current_app.extensions["articles"]
    return articles


def the_article(article_id: str) -> dict[str, Any]:
    return articles().get(article_id) or abort(404)


def mine() -> list[str]:
    return [part for part in request.cookies.get("mine", "").split(".") if ID.fullmatch(part)][-MINE:]


def moment(stamp: str) -> str:
    return datetime.fromisoformat(stamp).strftime("%-d %B %Y, %H:%M UTC")


def threads(published: list[dict[str, Any]] | None) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each comment that answers no public comment, with all the replies below it."""
    root_of: dict[str, str] = {}
    by_root: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for comment in published or []:
        root = root_of.get(comment["parent_id"] or "")
        root_of[comment["id"]] = root or comment["id"]
        if root:
            by_root[root][1].append(comment)
        else:
            by_root[comment["id"]] = (comment, [])
    return list(by_root.values())

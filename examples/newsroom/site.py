"""The Northgate Courier: articles with a question under each, and what readers answer, moderated by Gavel.

A reader is a cookie. What they wrote and who else may read it yet is Gavel's to know: the site stores no comment.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from examples.newsroom.gavel import Away, Gavel, Refused

SAMPLE = Path(__file__).parent.parent / "sample" / "articles.json"
MINE = 5  # a reader's latest comments, kept in a cookie
ID = re.compile(r"[0-9a-f]{32}")


def create_app(gavel: Gavel | None = None, articles_file: Path = SAMPLE) -> Flask:
    app = Flask(__name__)
    gavel = gavel or Gavel(os.environ["GAVEL_URL"], os.environ["GAVEL_KEY"])
    articles = {article["id"]: article for article in json.loads(articles_file.read_text(encoding="utf-8"))}

    app.add_template_filter(moment)

    @app.get("/")
    def front() -> AnyResponse:
        return redirect(url_for("article", article_id=next(iter(articles))))

    @app.get("/<article_id>")
    def article(article_id: str) -> Response:
        return page(article_id)

    @app.post("/<article_id>")
    def write(article_id: str) -> AnyResponse:
        shown = articles.get(article_id) or abort(404)
        form = {field: request.form.get(field, "").strip() for field in ("name", "text", "parent_id", "id")}
        if not form["text"] or not form["name"]:
            return page(article_id, form, "Please write a comment and the name to show with it.", 422)
        who = reader()
        comment_id = form["id"] if ID.fullmatch(form["id"]) else uuid.uuid4().hex
        comment = {
            "id": comment_id,  # made with the form: sending the form twice makes one comment
            "article": {key: shown[key] for key in ("id", "title", "url", "text")},
            "author": {"id": who, "name": form["name"]},
            "text": form["text"],
        }
        if form["parent_id"]:
            comment["parent_id"] = form["parent_id"]
        try:
            gavel.submit(comment)
        except Refused as e:
            return page(article_id, form, f"We could not take your comment: {e}.", 422)
        except Away as e:
            app.logger.warning("comment not sent: %s", e)
            return page(article_id, form, "Comments cannot be sent just now. Please try again in a minute.", 503)
        answer = redirect(url_for("article", article_id=article_id, sent=comment_id, _anchor="comments"), 303)
        keep(answer, "mine", ".".join([*mine(), comment_id][-MINE:]))
        keep(answer, "reader", who)
        keep(answer, "name", form["name"])
        return answer

    def page(article_id: str, form: dict[str, str] | None = None, problem: str = "", status: int = 200) -> Response:
        shown = articles.get(article_id) or abort(404)
        published, pending = comments_of(article_id)
        sent = request.args.get("sent", "")
        form = form or {"name": request.cookies.get("name", ""), "parent_id": request.args.get("reply_to", "")}
        html = render_template(
            "article.html",
            articles=articles.values(),
            article=shown,
            threads=threads(published),
            published=published,
            names={c["id"]: c["author"]["name"] or "a reader" for c in published or []},
            pending=pending,
            sent=sent if any(c["id"] == sent for c in published or []) else "",
            parent=next((c for c in published or [] if c["id"] == form["parent_id"]), None),
            form={"id": uuid.uuid4().hex, **form},
            problem=problem,
        )
        answer = make_response(html, status)
        keep(answer, "reader", reader())
        return answer

    def comments_of(article_id: str) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]]]:
        """What everybody reads, or None when Gavel is away, and what only this reader sees of their own."""
        try:
            published = gavel.published(article_id)
            public = {c["id"] for c in published}
            own = [c for comment_id in mine() if comment_id not in public if (c := own_comment(comment_id))]
        except Refused:  # nobody has commented on this article yet
            return [], []
        except Away as e:
            app.logger.warning("comments not shown: %s", e)
            return None, []
        return published, [c for c in own if c["article_id"] == article_id and c["status"] != "withdrawn"]

    def own_comment(comment_id: str) -> dict[str, Any] | None:
        try:
            return gavel.comment(comment_id)
        except Refused:
            return None

    return app


def reader() -> str:
    """The reader's own id, made up on the first visit."""
    known = request.cookies.get("reader", "")
    return known if ID.fullmatch(known) else uuid.uuid4().hex


def mine() -> list[str]:
    return [part for part in request.cookies.get("mine", "").split(".") if ID.fullmatch(part)][-MINE:]


def keep(answer: AnyResponse, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=30 * 86_400, httponly=True, samesite="Lax")


def moment(stamp: str) -> str:
    return datetime.fromisoformat(stamp).strftime("%-d %B %Y, %H:%M UTC")


def threads(published: list[dict[str, Any]] | None) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each comment that answers none, or none that is public, with all that was said below it."""
    root_of: dict[str, str] = {}
    found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for comment in published or []:
        root = root_of.get(comment["parent_id"] or "")
        root_of[comment["id"]] = root or comment["id"]
        if root:
            found[root][1].append(comment)
        else:
            found[comment["id"]] = (comment, [])
    return list(found.values())

"""Keeps a visitor's name in cookies, and signs it in a token for the comment box."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import jwt
from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

ID = re.compile(r"[0-9a-f]{32}")
TOKEN_LASTS_S = 900

readers = Blueprint("readers", __name__)


@dataclass(frozen=True, slots=True)
class Box:
    """How the pages reach the comment box, and the secret by which readers are signed."""

    script: str
    site_id: str
    kid: str
    secret: str = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self | None:
        """None without a secret: the pages then do without the box."""
        settings = [environ.get(f"GAVEL_{name}", "") for name in ("URL", "SITE", "READER_KID", "READER_SECRET")]
        return cls(f"{settings[0].rstrip('/')}/embed/v1.js", *settings[1:]) if all(settings) else None


def box() -> Box | None:
    box: Box | None = current_app.extensions["box"]
    return box


@readers.get("/_token")
def token() -> Response:
    """For the reader of these cookies; nothing until they have given a name."""
    known, name = box(), request.cookies.get("name", "")
    if known is None or not name:
        return Response(status=204)
    claims = {"sub": reader(), "name": name, "aud": known.site_id, "exp": int(time.time()) + TOKEN_LASTS_S}
    token = jwt.encode(claims, known.secret, algorithm="HS256", headers={"kid": known.kid})
    return Response(token, mimetype="text/plain", headers={"Cache-Control": "no-store"})


@readers.post("/_name")
def give_name() -> AnyResponse:
    """Stands for the login that a real site has."""
    name, article_id = request.form.get("name", "").strip()[:80], request.form.get("article", "")
    answer = redirect(url_for("paper.article", article_id=article_id or "none", _anchor="comments"), 303)
    if name:
        keep(answer, "reader", reader())
        keep(answer, "name", name)
    return answer


def reader() -> str:
    """The reader's own id, made up on the first visit."""
    known = request.cookies.get("reader", "")
    return known if ID.fullmatch(known) else uuid.uuid4().hex


def keep(answer: AnyResponse, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=30 * 86_400, httponly=True, samesite="Lax")

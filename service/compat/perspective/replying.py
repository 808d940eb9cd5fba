"""Answers as Google's front end writes them: indented JSON in UTF-8, unless the caller asks for it without."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

MEDIA_TYPE = "application/json; charset=UTF-8"


def reply(body: Mapping[str, Any], code: int = 200) -> Response:
    is_plain = request.args.get("prettyPrint", "true").lower() in ("false", "0")
    return Response(written(body, indent=None if is_plain else 2), status=code, content_type=MEDIA_TYPE)


def written(body: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """With halves of cut emoji replaced, which a caller may send and UTF-8 cannot hold."""
    return (json.dumps(body, ensure_ascii=False, indent=indent) + "\n").encode("utf-8", "replace").decode()

"""No address and no form may hold a null character: PostgreSQL keeps none, and no page or call has a use for one."""

from __future__ import annotations

from flask import Flask, Request, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

NULL = "\x00"


def register(app: Flask) -> None:
    app.before_request(_refuse_in_address)


def refuse_in_form(request: Request) -> None:
    """Raises BadRequest. It reads the body: only once it is known who sends it, or that anybody may."""
    _refuse(request.form, "the form")


def _refuse_in_address() -> None:
    if NULL in request.path:
        raise BadRequest("The address holds a null character.")
    _refuse(request.args, "the address")


def _refuse(fields: MultiDict[str, str], where: str) -> None:
    for name, value in fields.items(multi=True):
        if NULL in name or NULL in value:
            raise BadRequest(f"The field {name[:100]!r} of {where} holds a null character.")

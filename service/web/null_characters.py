"""Refuses null characters in addresses and forms: PostgreSQL cannot store them, and no page or call needs them."""

from __future__ import annotations

from flask import Flask, Request, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

NULL = "\x00"


def register(app: Flask) -> None:
    """Checks the address of every request."""
    app.before_request(_refuse_in_address)


def refuse_in_form(request: Request) -> None:
    """Raises BadRequest. It reads the body, so call it once it is known who sends it, or that anybody may."""
    _refuse(request.form, "the form")


def _refuse_in_address() -> None:
    if NULL in request.path:
        raise BadRequest("The address contains a null character.")
    _refuse(request.args, "the address")


def _refuse(fields: MultiDict[str, str], where: str) -> None:
    for name, value in fields.items(multi=True):
        if NULL in name or NULL in value:
            raise BadRequest(f"The field {name[:100]!r} of {where} contains a null character.")

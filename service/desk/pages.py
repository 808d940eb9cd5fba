"""The desk's blueprint: which pages there are, and what holds for all of them."""

from __future__ import annotations

from flask import Blueprint, Flask

desk = Blueprint("desk", __name__, url_prefix="/desk")


def register(app: Flask) -> None:
    app.register_blueprint(desk)

"""The moderators' pages: server-rendered, usable without JavaScript, and strict about where a request comes from."""

from __future__ import annotations

from flask import Flask

__all__ = ["register"]


def register(app: Flask) -> None:
    """Adds the desk under ``/desk``."""
    from service.desk import pages

    pages.register(app)

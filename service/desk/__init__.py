"""The moderators' pages: server-rendered, usable without JavaScript, and strict about where a request comes from."""

from __future__ import annotations

from service.desk.blueprint import register

__all__ = ["register"]

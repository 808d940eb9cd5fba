"""Security headers for every answer, unless a page sets its own: browsers may not frame our pages, guess types, or load
our answers from other sites."""

from __future__ import annotations

from flask import Flask, Response

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TLS_ONLY = "max-age=31536000"  # a year, the least that https://hstspreload.org accepts


def register(app: Flask, public_url: str) -> None:
    """Under a public https address, browsers must also keep to https."""
    headers = {**HEADERS, "Strict-Transport-Security": TLS_ONLY} if public_url.startswith("https://") else HEADERS

    def add(response: Response) -> Response:
        present = {name.lower() for name, _value in response.headers}
        response.headers.extend({name: value for name, value in headers.items() if name.lower() not in present})
        return response

    app.after_request(add)

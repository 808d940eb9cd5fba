"""What every answer tells a browser, unless its page says so more exactly: nothing here may be framed, guessed or
loaded by others."""

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
TLS_ONLY = "max-age=31536000"  # a year, as https://hstspreload.org asks at least


def register(app: Flask, public_url: str) -> None:
    headers = {**HEADERS, "Strict-Transport-Security": TLS_ONLY} if public_url.startswith("https://") else HEADERS

    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(add)

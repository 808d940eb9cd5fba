"""Rules for every page: where an unsafe request may come from, and what a browser may do with an answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, Response

from moderation.ground.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # not no-referrer, under which browsers send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def refuse_foreign(request: Request, public_url: str) -> None:
    """Lets an unsafe request pass only if the browser says that one of our own pages made it. Raises NotAllowed.

    Browsers send ``Sec-Fetch-Site`` over https and on loopback, and ``Origin`` with every POST; a request with neither
    comes from no browser, and the desk is for browsers. See https://web.dev/articles/fetch-metadata
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        raise NotAllowed("this request comes from another site")
    if origin is not None and urlsplit(origin).netloc not in _own_hosts(request, public_url):
        raise NotAllowed("this request comes from another site")
    if site is None and origin is None:
        raise NotAllowed("this request does not say where it comes from")


def add_headers(response: Response) -> Response:
    """The security headers of every page, and no copies in caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype != "text/css" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"  # comments do not stay in a shared computer's cache
    return response


def _own_hosts(request: Request, public_url: str) -> set[str]:
    return {request.host, urlsplit(public_url).netloc} - {""}

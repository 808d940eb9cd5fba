"""The address of the service itself: leads people to the desk, the API's documentation and the status."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from service.auth import open_to_all

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
LINKS = {"desk": "desk.review", "docs": "document.docs", "openapi": "document.openapi", "status": "health.readyz"}
"""Names and endpoints of the places that the page leads to."""

front_page = Blueprint("front_page", __name__)


@front_page.get("/")
@open_to_all
def show() -> Response:
    """A page for browsers, and the same links as JSON for programs, which do not ask for HTML."""
    links = {name: url_for(endpoint) for name, endpoint in LINKS.items()}
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html":
        response = jsonify(links)
    else:
        response = Response(render_template("front_page.html", links=links), mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY
    response.headers["Vary"] = "Accept, Accept-Language"
    return response

"""The site's own settings by API."""

from __future__ import annotations

import base64

import pytest

from moderation.sites import NewSite
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

HOOK = "https://news.example/hooks/gavel"


def test_a_new_site_has_no_webhook(api: Caller, site: NewSite) -> None:
    assert api.get("/v1/site").json == {
        "id": site.site.id,
        "name": "Site A",
        "webhook_url": None,
        "webhook_secret": None,
    }


def test_a_webhook_brings_its_secret_and_keeps_it(api: Caller) -> None:
    first = api.put("/v1/site", {"webhook_url": HOOK}).json
    moved = api.put("/v1/site", {"webhook_url": f"{HOOK}/2"}).json
    cleared = api.put("/v1/site", {"webhook_url": None}).json
    again = api.put("/v1/site", {"webhook_url": HOOK}).json

    assert first is not None
    assert moved is not None
    assert cleared is not None
    prefix, key = first["webhook_secret"].split("_", 1)
    assert prefix == "whsec"
    assert len(base64.b64decode(key, validate=True)) == 32
    assert moved["webhook_secret"] == first["webhook_secret"]
    assert moved["webhook_url"] == f"{HOOK}/2"
    assert cleared["webhook_url"] is None
    assert again == first
    assert api.get("/v1/site").json == first


def test_a_secret_can_be_renewed(api: Caller) -> None:
    first = api.put("/v1/site", {"webhook_url": HOOK}).json

    renewed = api.post("/v1/site/webhook-secret").json

    assert first is not None
    assert renewed is not None
    assert renewed["webhook_secret"] != first["webhook_secret"]
    assert renewed["webhook_url"] == HOOK


@pytest.mark.parametrize(
    "url",
    ["", "news.example", "ftp://news.example/", "https://", "https://u:p@news.example/", "https://news.example/#x",
     "https://news.example:99999/", "https://[::1", "https://news.example/" + "x" * 2_000, "https://news example/",
     "https://news.example/\n", 7],
)  # fmt: skip
def test_a_webhook_that_cannot_be_called_is_refused(api: Caller, url: object) -> None:
    response = api.put("/v1/site", {"webhook_url": url})

    assert response.status_code == 422
    assert problem_fields(response.json) == ["webhook_url"]
    assert api.get("/v1/site").json["webhook_url"] is None  # type: ignore[index]

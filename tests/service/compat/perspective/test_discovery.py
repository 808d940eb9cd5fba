"""The discovery document, from which Google's clients build their calls."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from service.app import create_app

PATH = "/$discovery/rest?version=v1alpha1"


@pytest.mark.parametrize("path", [PATH, "/$discovery/rest", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest"])
def test_the_document_needs_no_key(client: FlaskClient, path: str) -> None:
    document: Any = client.get(path).json

    methods = document["resources"]["comments"]["methods"]
    assert document["id"] == "commentanalyzer:v1alpha1"
    assert {name: each["path"] for name, each in methods.items()} == {
        "analyze": "v1alpha1/comments:analyze",
        "suggestscore": "v1alpha1/comments:suggestscore",
    }
    for each in methods.values():
        assert {each["request"]["$ref"], each["response"]["$ref"]} <= set(document["schemas"])


def test_the_paths_of_the_document_are_answered(client: FlaskClient, posting_key: str) -> None:
    document: Any = client.get(PATH).json

    for method in document["resources"]["comments"]["methods"].values():
        assert client.open(f"/{method['path']}?key={posting_key}", method=method["httpMethod"]).status_code == 400
    assert client.post(f"/{document['batchPath']}").status_code == 400


def test_calls_go_on_where_the_document_was_asked(client: FlaskClient) -> None:
    document: Any = client.get(PATH, headers={"Host": "gavel.internal:8080"}).json

    assert document["rootUrl"] == document["baseUrl"] == "http://gavel.internal:8080/"


def test_a_proxy_says_under_which_address_it_was_asked(settings: Settings, database: Database, queues: Queues) -> None:
    behind = replace(settings, trusted_proxies=(ip_network("127.0.0.1/32"),))
    client = create_app(behind, database=database, queues=queues).test_client()
    asked = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "commentanalyzer.googleapis.com"}
    document: Any = client.get(PATH, headers=asked).json

    assert document["rootUrl"] == "https://commentanalyzer.googleapis.com/"


@pytest.mark.parametrize(
    ("host", "root"),
    [("gavel.example", "https://gavel.example/"), ("gavel.internal:8000", "http://gavel.internal:8000/")],
)
def test_the_public_address_knows_its_scheme(
    settings: Settings, database: Database, queues: Queues, host: str, root: str
) -> None:
    public = replace(settings, public_url="https://gavel.example")
    client = create_app(public, database=database, queues=queues).test_client()

    document: Any = client.get(PATH, headers={"Host": host}).json

    assert document["rootUrl"] == root


def test_another_version_is_not_found(client: FlaskClient) -> None:
    response = client.get("/$discovery/rest?version=v2")

    assert response.status_code == 404
    assert response.json["error"]["status"] == "NOT_FOUND"  # type: ignore[index]


def test_the_directory_leads_to_the_document(client: FlaskClient) -> None:
    directory: Any = client.get("/discovery/v1/apis").json

    (item,) = directory["items"]
    assert item["discoveryRestUrl"] == "http://localhost/$discovery/rest?version=v1alpha1"

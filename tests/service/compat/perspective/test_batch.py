"""``/batch``: many calls in one request, each answered for itself."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.errors import ScoringBusy
from moderation.moderators.review import label_rows as labels
from moderation.sites.sites import NewSite
from service.compat.perspective import batching
from service.compat.perspective.batch import parts_of
from service.compat.perspective.refusals import Refusal
from tests.service.compat.perspective.scoring import FakeScoring

ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"


def analysis(text: str, *attributes: str) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {name: {} for name in attributes or ("TOXICITY",)}}


def part(number: int, body: Any, path: str = ANALYZE, key: str | None = None, *, gap: str = "\r\n") -> str:
    query = f"?key={key}&alt=json" if key else ""
    lines = (
        f"POST {path}{query} HTTP/1.1", "Content-Type: application/json", "MIME-Version: 1.0", "Host: news.example",
        f"Content-Length: {len(json.dumps(body))}", "", json.dumps(body),
    )  # fmt: skip
    head = ("Content-Type: application/http", "MIME-Version: 1.0", f"Content-ID: <base + {number}>", "", "")
    return gap.join(head) + gap.join(lines)


def send(client: FlaskClient, *parts: str, key: str | None = None, gap: str = "\r\n") -> TestResponse:
    body = "".join(f"--cut{gap}{each}{gap}" for each in parts) + f"--cut--{gap}"
    query = {"key": key} if key else {}
    return client.post("/batch", data=body, content_type='multipart/mixed; boundary="cut"', query_string=query)


def read(response: TestResponse) -> list[tuple[str, int, Any]]:
    """The Content-ID, the status and the body of each answer."""
    assert response.status_code == 200, response.text
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + response.data)
    return [_read(each) for each in whole.iter_parts()]


def _read(each: Message) -> tuple[str, int, Any]:
    line, _, rest = str(each.get_payload()).partition("\r\n")
    return str(each["Content-ID"]), int(line.split()[1]), json.loads(rest.partition("\r\n\r\n")[2])


def test_each_part_is_answered_under_its_own_id(client: FlaskClient, key: str, scoring: FakeScoring) -> None:
    texts = [f"Text number {number} 0.{number + 10}" for number in range(40)]

    answers = read(send(client, *(part(number, analysis(text), key=key) for number, text in enumerate(texts))))

    assert [name for name, _, _ in answers] == [f"<response-base + {number}>" for number in range(40)]
    assert {code for _, code, _ in answers} == {200}
    values = [body["attributeScores"]["TOXICITY"]["summaryScore"]["value"] for _, _, body in answers]
    assert values == [float(f"0.{number + 10}") for number in range(40)]
    assert [one.text for one in scoring.asked] == texts


@pytest.mark.parametrize("gap", ["\r\n", "\n"])
def test_a_part_that_fails_leaves_the_others_alone(client: FlaskClient, key: str, gap: str) -> None:
    parts = (
        part(1, analysis("Fine 0.2"), key=key, gap=gap),
        part(2, analysis(""), key=key, gap=gap),
        part(3, analysis("Fine"), key="wrong", gap=gap),
        part(4, analysis("Det var bra"), key=key, gap=gap),
        part(5, analysis("Fine"), "/v1alpha1/comments:guess", key=key, gap=gap),
        part(6, analysis("Fine"), gap=gap),
        part(7, "no object", key=key, gap=gap),
        part(8, analysis("Fine 0.3"), key=key, gap=gap),
    )

    answers = read(send(client, *parts, gap=gap))

    assert [code for _, code, _ in answers] == [200, 400, 400, 400, 404, 403, 400, 200]
    messages = [body["error"]["message"] for _, code, body in answers if code != 200]
    assert messages[:3] == [
        "Comment must be non-empty.",
        "API key not valid. Please pass a valid API key.",
        "Attribute TOXICITY does not support request languages: sv",
    ]


def test_the_key_of_the_whole_counts_for_parts_without_one(client: FlaskClient, key: str) -> None:
    ((_, code, _),) = read(send(client, part(1, analysis("Fine")), key=key))

    assert code == 200


def test_a_wrong_key_of_the_whole_is_refused(client: FlaskClient, key: str) -> None:
    assert send(client, part(1, analysis("Fine"), key=key), key="wrong").status_code == 400


def test_judgements_may_come_in_a_batch(
    client: FlaskClient, posting_key: str, database: Database, site: NewSite
) -> None:
    body = {"comment": {"text": "Hey you"}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}

    ((_, code, _),) = read(send(client, part(1, body, SUGGEST, posting_key)))

    assert code == 200
    with database.read() as conn:
        assert [label.text for _, label in labels.of_site(conn, site.site.id, limit=5)] == ["Hey you"]


def test_parts_that_cannot_be_scored_in_time_say_so(client: FlaskClient, key: str, scoring: FakeScoring) -> None:
    scoring.error = ScoringBusy("busy", 60)

    answers = read(send(client, part(1, analysis("Fine"), key=key), part(2, analysis(""), key=key)))

    assert [code for _, code, _ in answers] == [503, 400]


def test_parts_of_different_sites_are_scored_for_their_own(client: FlaskClient, key: str, other_site: NewSite) -> None:
    parts = [part(n, analysis("Fine 0.2"), key=key if n % 2 else other_site.key.token) for n in range(4)]

    assert [code for _, code, _ in read(send(client, *parts))] == [200] * 4


def test_few_long_texts_or_many_short_ones_are_scored_at_once(
    client: FlaskClient, key: str, scoring: FakeScoring
) -> None:
    texts = ["Fine 0.2"] * 20 + ["x" * 6_000] * 3

    answers = read(send(client, *(part(number, analysis(text), key=key) for number, text in enumerate(texts))))

    assert [code for _, code, _ in answers] == [200] * 23
    assert scoring.sizes == [16, 5, 1, 1]


def test_a_part_waits_while_others_are_served(client: FlaskClient, key: str, scoring: FakeScoring) -> None:
    scoring.error = ScoringBusy("busy", 1)
    threading.Timer(0.5, lambda: setattr(scoring, "error", None)).start()

    ((_, code, _),) = read(send(client, part(1, analysis("Fine"), key=key)))

    assert code == 200


def test_more_batches_than_there_are_places_for_are_refused(client: FlaskClient, key: str) -> None:
    others = [f"another-{number}" for number in range(batching.PLACES)]
    for site_id in others:
        assert batching._places.take(site_id)
    try:
        refused = send(client, part(1, analysis("Fine"), key=key))
    finally:
        for site_id in others:
            batching._places.give_back(site_id)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert send(client, part(1, analysis("Fine"), key=key)).status_code == 200


HOSTILE = {
    "lines": b"\r\n" * 1_000_000,
    "header": b"X-Goog-Api-Key: " + b"a " * 1_000_000,
    "nested": b"Content-Type: multipart/mixed; boundary=x\r\n" * 50_000,
    "parts": b"--cut\n" * 500_000,
    "folded": b" folded\r\n" * 200_000,
    "address": b"POST //[ HTTP/1.1\r\n\r\n{}",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_no_batch_takes_long_to_read(raw: bytes) -> None:
    inner = b"\r\nContent-Type: application/http\r\n\r\nPOST / HTTP/1.1\r\n" + raw
    began = time.process_time()

    for body in (b"--cut" + inner + b"\r\n--cut--", b"--cut\r\n" + raw + b"\r\n--cut--"):
        with contextlib.suppress(Refusal):
            parts_of("multipart/mixed; boundary=cut", body)

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", "multipart/mixed; boundary=cut"), (b"{}", "application/json"), (b"--cut\r\n", "multipart/mixed"),
     (b"\x00\xff", "multipart/mixed; boundary=cut"), (b"--cut--", "multipart/form-data; boundary=cut")],
)  # fmt: skip
def test_a_body_that_is_no_batch_is_refused(client: FlaskClient, body: bytes, content_type: str) -> None:
    response = client.post("/batch", data=body, content_type=content_type)

    assert response.status_code == 400
    assert response.json["error"]["message"].startswith("Failed to parse batch request")  # type: ignore[index]


def test_a_batch_has_a_thousand_parts_at_most(client: FlaskClient) -> None:
    response = send(client, *(part(number, {}) for number in range(1_001)))

    assert response.status_code == 400
    assert "The limit is 1000" in response.json["error"]["message"]  # type: ignore[index]

"""The scoring process over HTTP: its token, its messages, and answers to many callers at once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import urllib3

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ScoringAway, ScoringBusy, ScoringLate, SettingsError
from moderation.pipeline.drafts.messages import (
    CALLER_HEADER,
    DEADLINE_HEADER,
    MAX_BYTES,
    MAX_CALLER_CHARS,
    MAX_TEXTS,
    ScoredText,
    Text,
    texts_to_bytes,
)
from tests.conftest import free_port
from tests.scoring_processes import Answering, answering, answers
from tests.waiting import eventually, slowed_by
from workers.answering.server import serve
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

INSULT = "You are a fool, and everybody knows it."
CIVIL = "Will the last boat of the day wait for the train from the capital?"
PATIENT_S = 60.0
ROUNDED = 0.02  # weights of 8 bits give values that depend a little on the neighbours in a batch


def send(process: Answering, body: bytes, **headers: str) -> urllib3.BaseHTTPResponse:
    given = {"Authorization": f"Bearer {process.token}", DEADLINE_HEADER: "5000", **headers}
    return urllib3.request("POST", f"{process.url}/score", body=body, headers=given, retries=False, timeout=30)


def a_message(**fields: Any) -> bytes:
    return json.dumps({"texts": [{**asdict(Text(CIVIL)), **fields}]}).encode()


def test_the_values_are_those_of_the_queues_worker(scoring_process: Answering, scorer: Scorer) -> None:
    article: dict[str, Any] = {
        "title": "Ferry to run all winter",
        "article_text": "The last boat will wait for the train.",
    }
    texts = [Text(INSULT), Text(CIVIL, **article), Text("Das ist ein Satz auf Deutsch, der laenger ist.")]

    answer = scoring_process.client().score(texts, deadline_s=PATIENT_S)

    expected = scorer.score([Scorable(INSULT), Scorable(CIVIL, **article), Scorable(texts[2].text)])
    for one, signals in zip(answer.scored, expected, strict=True):
        assert [(s.name, s.abstained, s.source) for s in one.signals] == [
            (s.name, s.abstained, s.source) for s in signals
        ]
        assert [s.value for s in one.signals] == pytest.approx([s.value for s in signals], abs=ROUNDED)
    assert answer.models == scorer.models
    assert [one.language for one in answer.scored] == ["en", "en", "de"]


def test_a_list_longer_than_a_message_comes_back_whole_and_in_order(scoring_process: Answering) -> None:
    texts = [Text("en", language="en"), *[Text(str(n), language="de") for n in range(MAX_TEXTS)]]

    answer = scoring_process.client().score(texts, deadline_s=PATIENT_S)

    assert [one.language for one in answer.scored] == ["en"] + ["de"] * MAX_TEXTS


def test_many_callers_at_once_each_get_their_own(scoring_process: Answering) -> None:
    client = scoring_process.client(places=20)
    found: dict[int, tuple[ScoredText, ...]] = {}

    def ask(number: int) -> None:
        text = INSULT if number % 2 else CIVIL
        found[number] = client.score([Text(f"{text} {number}")], deadline_s=PATIENT_S).scored

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    insulting = {n for n, (one,) in found.items() if value(one, "insult") > 0.5}
    assert insulting == set(range(1, 20, 2))


def value(scored: ScoredText, name: str) -> float:
    return next(s.value or 0.0 for s in scored.signals if s.name == name)


def test_a_caller_more_than_there_are_places_is_refused_at_once(scoring_process: Answering) -> None:
    client = scoring_process.client(places=1)
    assert client._places.acquire(blocking=False)

    with pytest.raises(ScoringBusy):
        client.score([Text(CIVIL)], deadline_s=PATIENT_S)
    client._places.release()
    client.score([Text(CIVIL)], deadline_s=PATIENT_S)


@pytest.mark.parametrize("sites", [1, 10])
def test_a_short_text_of_another_site_is_answered_before_the_long_ones_that_wait(
    scoring_process: Answering, sites: int
) -> None:
    client = scoring_process.client(places=30)
    with ThreadPoolExecutor(20) as callers:
        for number in range(20):
            long = Text(f"{number} {CIVIL} " * 280, site_id=f"site-{number % sites}")
            callers.submit(client.score, [long], deadline_s=PATIENT_S, caller=f"key-{number % 3} reader")
        eventually(lambda: client.state().waiting >= 8, within_s=30)
        scored_before = client.state().scored

        (short,) = client.score([Text(INSULT, site_id="another")], deadline_s=PATIENT_S, caller="a-key").scored
        state = client.state()

    assert value(short, "insult") > 0.5
    assert state.scored - scored_before <= 3, "itself, the long one that was being read, and at most one since"
    assert state.waiting >= 5


def test_a_caller_without_a_name_is_answered_and_one_with_too_long_a_name_is_not(scoring_process: Answering) -> None:
    assert send(scoring_process, a_message()).status == 200
    assert send(scoring_process, a_message(), **{CALLER_HEADER: "a-key " + "x" * MAX_CALLER_CHARS}).status == 400


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong-token-of-some-length", "Basic Og==", "Bearer \u00e9"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/score"), ("GET", "/state"), ("GET", "/")])
def test_nobody_without_the_token_learns_anything(
    scoring_process: Answering, token: str, method: str, path: str
) -> None:
    head = {"Authorization": token.encode("latin-1"), DEADLINE_HEADER: "800"}

    answer = urllib3.request(method, scoring_process.url + path, body=a_message(), headers=head, retries=False)  # type: ignore[arg-type]

    assert (answer.status, answer.json()) == (401, {"error": "the token is not ours"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"texts": []}',
        b'{"texts": 7}',
        b'{"texts": ["x"]}',
        b'{"texts": [{"text": "x"}]}',
        b'{"texts": [{}], "more": 1}',
        b"[" * 100_000,
        a_message(text=None),
        a_message(text="x" * 20_481),
        a_message(article_text=7),
        a_message(tags=["x"] * 51),
        a_message(spans="yes"),
        a_message(explain=[{"signal": "toxicity", "bound": "above", "value": 0.5}]),
        a_message(explain=[{"signal": "toxicity", "bound": "below", "value": "0.5"}]),
        json.dumps({"texts": [asdict(Text("x"))] * (MAX_TEXTS + 1)}).encode(),
        b" " * (MAX_BYTES + 1),
    ],
    ids=range(18),
)
def test_a_message_that_is_not_understood_is_refused_and_not_repeated(scoring_process: Answering, body: bytes) -> None:
    answer = send(scoring_process, body)

    assert answer.status == 400
    assert len(answer.data) < 300
    assert scoring_process.client().score([Text(CIVIL)], deadline_s=PATIENT_S).scored


@pytest.mark.parametrize("deadline", ["", "soon", "0", "-1", "60001", "1.5"])
def test_a_deadline_that_is_none_is_refused(scoring_process: Answering, deadline: str) -> None:
    assert send(scoring_process, a_message(), **{DEADLINE_HEADER: deadline}).status == 400


def test_a_text_that_costs_too_much_to_read_says_so_and_its_neighbours_are_scored(scoring_process: Answering) -> None:
    costly, plain = Text("".join(chr(0x2460 + n % 150) + "." for n in range(10_000))), Text(CIVIL)

    first, second = scoring_process.client().score([costly, plain], deadline_s=PATIENT_S).scored

    assert first.too_costly is (first.signals == ())
    assert not second.too_costly and second.signals


def test_more_than_can_be_scored_in_time_is_refused_early(scoring_process: Answering) -> None:
    texts = [Text(f"{n} {CIVIL} " * 20) for n in range(MAX_TEXTS)]
    began = time.monotonic()

    with pytest.raises((ScoringBusy, ScoringLate)):
        scoring_process.client().score(texts, deadline_s=0.1)

    assert time.monotonic() - began < 30 * slowed_by()  # reading them all takes minutes


def test_other_machines_need_a_token_that_an_operator_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="^SCORING_TOKEN: must be set"):
        serve(Settings(gavel_home=tmp_path, scoring_host="0.0.0.0"))


def test_its_message_is_the_smallest_that_it_can_be() -> None:
    assert len(texts_to_bytes((Text("x"),))) < 300


@pytest.mark.chaos
def test_a_killed_process_is_replaced_and_callers_are_answered_again(tmp_path: Path) -> None:
    with answering(tmp_path, free_port()) as process:
        client = process.client()
        client.score([Text(CIVIL)], deadline_s=PATIENT_S)
        (child,) = children(process.process.pid)

        os.kill(child, signal.SIGKILL)

        with pytest.raises((ScoringAway, ScoringLate)):
            client.score([Text(CIVIL)], deadline_s=0.2)
        eventually(lambda: answers(process), within_s=120, says=process.log.read_text)
        assert client.score([Text(CIVIL)], deadline_s=PATIENT_S).scored
        assert children(process.process.pid) != [child]


def children(pid: int) -> list[int]:
    return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

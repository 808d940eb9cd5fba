"""The calls that clients of Perspective make, for ``gavel compat check``."""

from __future__ import annotations

import json
import time
from typing import Any

from service.compat.perspective.batching import ANALYZE
from service.compat.perspective.refusals import WRONG_KEY
from service.compat.probing import Probe, ProbeClient, ProbeFailed, Reply

RUDE, KIND = "You are an idiot, and a liar too.", "Thank you, that helped me."
SWEDISH = "Tack för en bra artikel om skolan."
SLOWEST_S = 0.8  # Coral waits no longer


def _body(text: str, **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, "doNotStore": True, **more}


def _toxicity(reply: Reply) -> float:
    return float(reply.expect(200).json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"])


def _discovery(caller: ProbeClient) -> str:
    document = caller.send("GET", "/$discovery/rest", version="v1alpha1").expect(200).json()
    root, asked = document["rootUrl"], f"{caller.base_url.rstrip('/')}/"
    if root != asked:
        raise ProbeFailed(f"rootUrl is {root} and not {asked}: pass Host and X-Forwarded-Proto on, and set PUBLIC_URL")
    return f"clients go on at {root}"


def _key_in_query(caller: ProbeClient) -> str:
    rude, kind = (
        _toxicity(caller.send("POST", ANALYZE, _body(text, languages=["en"]), key=caller.key)) for text in (RUDE, KIND)
    )
    if not rude > kind:
        raise ProbeFailed(f"an insult scores {rude:.2f} and thanks {kind:.2f}")
    return f"an insult scores {rude:.2f}, thanks {kind:.2f}"


def _key_in_header(caller: ProbeClient) -> str:
    for headers in ({"X-Goog-Api-Key": caller.key}, {"Authorization": f"Bearer {caller.key}"}):
        _toxicity(caller.send("POST", ANALYZE, _body(KIND, languages=["en"]), headers=headers))
    return "X-Goog-Api-Key and Authorization: Bearer"


def _spans(caller: ProbeClient) -> str:
    text = f"😀 {KIND} {RUDE}"
    body = _body(text, spanAnnotations=True, languages=["en"])
    reply = caller.send("POST", ANALYZE, body, key=caller.key).expect(200).json()
    ends = [span["end"] for span in reply["attributeScores"]["TOXICITY"]["spanScores"]]
    if ends[-1] != len(text) + 1:
        raise ProbeFailed(f"the last span ends at {ends[-1]}, not at {len(text) + 1}: an emoji counts twice")
    return f"{len(ends)} sentences, in UTF-16 units"


def _detection(caller: ProbeClient) -> str:
    reply = caller.send("POST", ANALYZE, _body(KIND), key=caller.key).expect(200).json()
    return f"detected: {', '.join(reply['detectedLanguages'])}"


def _swedish(caller: ProbeClient) -> str:
    reply = caller.send("POST", ANALYZE, _body(SWEDISH, languages=["sv"]), key=caller.key)
    if reply.status == 200:
        return "the weights know Swedish"
    return str(reply.expect(400).json()["error"]["message"])


def _batch(caller: ProbeClient) -> str:
    inner = json.dumps(_body(KIND, languages=["en"]))
    head = f"POST {ANALYZE}?key={caller.key}&alt=json HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
    parts = [
        f"--cut\r\nContent-Type: application/http\r\nContent-ID: <b + {n}>\r\n\r\n{head}{inner}\r\n" for n in (1, 2)
    ]
    headers = {"Content-Type": "multipart/mixed; boundary=cut"}
    reply = caller.send("POST", "/batch", "".join(parts) + "--cut--\r\n", headers=headers).expect(200)
    if (answered := reply.text.count("HTTP/1.1 200 OK")) != 2 or "<response-b + 2>" not in reply.text:
        raise ProbeFailed(f"{answered} of 2 calls were answered")
    return "2 calls in one request"


def _refusals(caller: ProbeClient) -> str:
    wrong = caller.send("POST", ANALYZE, _body(KIND), key="wrong").expect(400).json()["error"]
    empty = caller.send("POST", ANALYZE, _body(""), key=caller.key).expect(400).json()["error"]
    for message, wanted in ((wrong["message"], WRONG_KEY), (empty["message"], "Comment must be non-empty.")):
        if message != wanted:
            raise ProbeFailed(f"the error reads {message!r} instead of {wanted!r}")
    return "a wrong key and an empty text, in the words that clients look for"


def _speed(caller: ProbeClient) -> str:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        caller.send("POST", ANALYZE, _body(RUDE, languages=["en"]), key=caller.key).expect(200)
        times.append(time.perf_counter() - began)
    if max(times) > SLOWEST_S:
        raise ProbeFailed(f"one of 5 answers took {1000 * max(times):.0f} ms, and Coral waits 800 ms")
    return f"the slowest of 5 answers took {1000 * max(times):.0f} ms"


PROBES = (
    Probe("discovery document", _discovery),
    Probe("key in the query", _key_in_query),
    Probe("key in a header", _key_in_header),
    Probe("spans", _spans),
    Probe("language detection", _detection),
    Probe("Swedish", _swedish),
    Probe("batch", _batch),
    Probe("errors", _refusals),
    Probe("speed", _speed),
)

"""The calls that OpenAI's clients make, for ``gavel compat check``."""

from __future__ import annotations

from typing import Any

from service.compat.openai.wording import WITHOUT_MODEL
from service.compat.probing import Probe, ProbeClient, ProbeFailed, Reply

RUDE, KIND = "You are an idiot, and a liar too.", "Thank you, that helped me."
IMAGE = {"type": "image_url", "image_url": {"url": "https://pictures.example/cat.png"}}


def _moderate(caller: ProbeClient, text: Any, *, key: str | None = None, **more: Any) -> Reply:
    headers = {"Authorization": f"Bearer {key or caller.key}", "Content-Type": "application/json"}
    return caller.send("POST", "/v1/moderations", {"input": text, **more}, headers=headers)


def _text(caller: ProbeClient) -> str:
    rude, kind = (_moderate(caller, text).expect(200).json()["results"][0] for text in (RUDE, KIND))
    scores = [answer["category_scores"]["harassment"] for answer in (rude, kind)]
    if not scores[0] > scores[1]:
        raise ProbeFailed(f"an insult has harassment {scores[0]:.2f} and thanks {scores[1]:.2f}")
    flagged = "flagged" if rude["flagged"] else "not flagged, by the site's policy"
    return f"an insult has harassment {scores[0]:.2f} and is {flagged}; thanks {scores[1]:.2f}"


def _lists(caller: ProbeClient) -> str:
    several = _moderate(caller, [RUDE, KIND], model="text-moderation-latest").expect(200).json()["results"]
    parts = _moderate(caller, [{"type": "text", "text": RUDE}]).expect(200).json()["results"]
    if (len(several), len(parts)) != (2, 1):
        raise ProbeFailed(f"two strings have {len(several)} results, and one list of parts {len(parts)}")
    return "strings have a result each, parts one together"


def _gaps(caller: ProbeClient) -> str:
    return f"without a model: {_moderate(caller, KIND).expect(200).headers[WITHOUT_MODEL.lower()]}"


def _refusals(caller: ProbeClient) -> str:
    asked = {
        "invalid_api_key": _moderate(caller, KIND, key="wrong").expect(401),
        "unsupported_image": _moderate(caller, [IMAGE]).expect(400),
        "empty_string": _moderate(caller, "").expect(400),
        "model_not_found": _moderate(caller, KIND, model="gpt-4").expect(404),
    }
    for code, reply in asked.items():
        if reply.json()["error"]["code"] != code or "x-request-id" not in reply.headers:
            raise ProbeFailed(f"the error reads {reply.text[:200]} instead of {code}")
    return "a wrong key, an image, an empty text and an unknown model, in OpenAI's words"


PROBES = (
    Probe("a text", _text),
    Probe("lists", _lists),
    Probe("categories", _gaps),
    Probe("errors", _refusals),
)

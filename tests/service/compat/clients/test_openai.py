"""OpenAI's own clients, as their registries have them, against a live Gavel: only the base address and the key are
changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from service.compat import PROBES
from service.compat.probing import ProbeClient, probe
from tests.installed_clients import INSTALL_S, MAY_SKIP, node_modules_with, python_with, run
from tests.service.compat.clients.live import Live

pytestmark = pytest.mark.timeout(2 * INSTALL_S)
RUDE, KIND = "You are a complete idiot and everybody here despises you.", "Thank you, that was a helpful answer."

PYTHON = """
import asyncio, json, sys
import openai
base, key, rude, kind = sys.argv[1:]
client = openai.OpenAI(base_url=base + "/v1", api_key=key, organization="org-1", project="p-1")

def error(make):
    try:
        make()
    except openai.APIStatusError as e:
        return [type(e).__name__, e.status_code, e.code, e.param, bool(e.request_id)]

one = client.moderations.create(input=rude, model="omni-moderation-latest")
many = client.moderations.create(input=[rude, kind])
parts = client.moderations.create(input=[{"type": "text", "text": kind}, {"type": "text", "text": rude}])
old = client.moderations.create(input=kind, model="text-moderation-latest")
raw = client.moderations.with_raw_response.create(input=kind)
image = [{"type": "image_url", "image_url": {"url": "https://pictures.example/cat.png"}}]
strange = openai.OpenAI(base_url=base + "/v1", api_key="gvl_wrong", max_retries=0)
other = asyncio.run(openai.AsyncOpenAI(base_url=base + "/v1", api_key=key).moderations.create(input=rude))
print(json.dumps({
    "one": [one.results[0].flagged, one.results[0].categories.harassment, one.model, one.id[:5], bool(one._request_id)],
    "score": one.results[0].category_scores.harassment,
    "applied": [one.results[0].category_applied_input_types.harassment,
                one.results[0].category_applied_input_types.self_harm],
    "many": [result.flagged for result in many.results],
    "parts": [result.flagged for result in parts.results],
    "old": [old.model, old.results[0].flagged, old.results[0].categories.illicit],
    "without": raw.headers["gavel-categories-without-model"],
    "async": other.results[0].flagged,
    "models": [model.id for model in client.models.list()],
    "image": error(lambda: client.moderations.create(input=image)),
    "empty": error(lambda: client.moderations.create(input="")),
    "model": error(lambda: client.moderations.create(input=kind, model="gpt-4")),
    "key": error(lambda: strange.moderations.create(input=kind)),
}))
"""
NODE = """
const OpenAI = require("openai").default;
const [base, key, rude, kind] = process.argv.slice(2);
const client = new OpenAI({ baseURL: base + "/v1", apiKey: key });
const error = async (make) => {
  try { await make(); } catch (e) { return [e.constructor.name, e.status, e.code, e.param, Boolean(e.requestID)]; }
};
(async () => {
  const one = await client.moderations.create({ input: rude });
  const many = await client.moderations.create({ input: [rude, kind], model: "text-moderation-stable" });
  const strange = new OpenAI({ baseURL: base + "/v1", apiKey: "gvl_wrong", maxRetries: 0 });
  const image = [{ type: "image_url", image_url: { url: "https://pictures.example/cat.png" } }];
  console.log(JSON.stringify({
    one: [one.results[0].flagged, one.results[0].categories.harassment, one.model, Boolean(one._request_id)],
    many: many.results.map((result) => result.flagged),
    image: await error(() => client.moderations.create({ input: image })),
    key: await error(() => strange.moderations.create({ input: kind })),
  }));
})();
"""


def test_openai_for_python(live: Live) -> None:
    python = python_with("openai", "openai>=1.50")

    found: dict[str, Any] = json.loads(run([str(python), "-c", PYTHON, live.url, live.key, RUDE, KIND]))

    assert found["one"] == [True, True, "omni-moderation-latest", "modr-", True]
    assert 0.8 < found["score"] <= 1
    assert found["applied"] == [["text"], []]
    assert (found["many"], found["parts"], found["async"]) == ([True, False], [True], True)
    assert found["old"] == ["text-moderation-007", False, None]
    assert "self-harm" in found["without"]
    assert "omni-moderation-latest" in found["models"]
    assert found["image"] == ["BadRequestError", 400, "unsupported_image", "input[0].image_url", True]
    assert found["empty"][:3] == ["BadRequestError", 400, "empty_string"]
    assert found["model"] == ["NotFoundError", 404, "model_not_found", "model", True]
    assert found["key"] == ["AuthenticationError", 401, "invalid_api_key", None, True]


@pytest.mark.parametrize("dialect", ["openai", "akismet"])
def test_the_check_of_ones_own_instance_finds_that_everything_works(live: Live, dialect: str) -> None:
    found = list(probe(PROBES[dialect], ProbeClient(live.url, live.key)))

    assert [(one.name, one.said) for one in found if not one.works] == []
    assert all(not one.works for one in probe(PROBES[dialect], ProbeClient(live.url, "gvl_wrong")))


@pytest.mark.skipif(MAY_SKIP and shutil.which("npm") is None, reason="no npm here: ./run.sh test installs it")
def test_openai_for_node(live: Live, tmp_path: Path) -> None:
    modules = node_modules_with("openai", "openai@>=4.60")
    script = tmp_path / "client.cjs"
    script.write_text(NODE, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(modules)

    found = json.loads(run(["node", str(script), live.url, live.key, RUDE, KIND]))

    assert found["one"] == [True, True, "omni-moderation-latest", True]
    assert found["many"] == [True, False]
    assert found["image"] == ["BadRequestError", 400, "unsupported_image", "input[0].image_url", True]
    assert found["key"] == ["AuthenticationError", 401, "invalid_api_key", None, True]

"""Clients of Perspective, as their registries have them, against a live Gavel. Those that take an address get it; the
others find it under Perspective's own name."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from moderation.moderators.review import label_rows as labels
from moderation.pipeline.drafts.settings import WithoutModel
from moderation.sites import sites
from moderation.sites.keys import Scope
from service.context import utc_now
from tests.builders import OPERATOR
from tests.installed_clients import INSTALL_S, python_with, run
from tests.service.compat.clients.live import Live
from tests.service.compat.clients.private_names import PrivateNames

pytestmark = pytest.mark.timeout(2 * INSTALL_S)
RUDE, KIND = "You are a complete idiot and everybody here despises you.", "Thank you, that was a helpful answer."

GOOGLE = """
import json, sys
from googleapiclient import discovery, errors
base, key, rude, kind = sys.argv[1:]

def client(key):
    return discovery.build("commentanalyzer", "v1alpha1", developerKey=key, static_discovery=False,
                           discoveryServiceUrl=base + "/$discovery/rest?version=v1alpha1")

def body(text, **more):
    attributes = {"TOXICITY": {}, "INSULT": {"scoreThreshold": 0.01}}
    return {"comment": {"text": text}, "requestedAttributes": attributes, **more}

def message(make):
    try:
        make().execute()
    except errors.HttpError as e:
        return [e.status_code, e.reason, [one.get("errorType") for one in e.error_details]]

comments = client(key).comments()
found = {"one": comments.analyze(body=body(rude, languages=["en"], doNotStore=True, spanAnnotations=True)).execute()}
answers = {}
def note(name, answer, error):
    answers[name] = answer or error.status_code
batch = client(key).new_batch_http_request(callback=note)
texts = {"rude": rude, "kind": kind, "empty": "", "swedish": "Det var en mycket bra artikel om skolan och lärarna."}
for name, text in texts.items():
    batch.add(comments.analyze(body=body(text)), request_id=name)
batch.execute()
found["batch"] = answers
scores = {"TOXICITY": {"summaryScore": {"value": 0}}}
suggestion = {"comment": {"text": kind}, "attributeScores": scores, "clientToken": "t"}
found["suggested"] = comments.suggestscore(body=suggestion).execute()
found["errors"] = {
    "empty": message(lambda: comments.analyze(body=body(""))),
    "long": message(lambda: comments.analyze(body=body("x" * 20481))),
    "unknown": message(lambda: comments.analyze(body={"comment": {"text": kind}, "requestedAttributes": {"FOO": {}}})),
    "swedish": message(lambda: comments.analyze(body=body(texts["swedish"], languages=["sv"]))),
}
try:
    client("wrong")
except errors.HttpError as e:
    found["wrong"] = [e.status_code, e.reason]
print(json.dumps(found))
"""
PYPERSPECTIVE = """
import json, sys
from PyPerspective.Perspective import Perspective
from PyPerspective.errors import ApiException, InvalidAuthKey
key, rude, kind = sys.argv[1:]
scored = Perspective(key).get_score(rude, tests=["TOXICITY", "SEVERE_TOXICITY", "THREAT"])
found = {"scores": {one.name: one.score for one in scored.attributes}, "span": str(scored["TOXICITY"][0]),
         "detected": scored.detected_langs}
tries = {"wrong": lambda: Perspective("wrong"),
         "flirt": lambda: Perspective(key).get_score(kind, tests="FLIRTATION")}
for name, make in tries.items():
    try:
        make()
    except (ApiException, InvalidAuthKey) as e:
        found[name] = type(e).__name__
    except TypeError as e:  # its ApiException takes no raw_data
        found[name] = str(e)
print(json.dumps(found))
"""
PYSPECTIVE = """
import json, sys
from pyspective.pyspective import PyspectiveAPI
key, rude, kind = sys.argv[1:]
api = PyspectiveAPI(key)
print(json.dumps({"all": api.score(rude), "one": api.score(kind, "toxicity"), "suggested": api.suggest(kind, 0.0)}))
"""
PERSPECTIVE_PY = """
import json, sys
from perspective import Attributes, Client
from perspective.errors import InvalidToken, UnsupportedLanguage
key, rude, kind = sys.argv[1:]
swedish = "Tack för en bra artikel om skolan."
found = {"scores": Client(token=key).analyze(rude, attributes=Attributes.Production, language="English")}
tries = {"wrong": lambda: Client(token="wrong"),
         "swedish": lambda: Client(token=key).analyze(swedish, attributes=["TOXICITY"], language="sv")}
for name, make in tries.items():
    try:
        make()
    except (InvalidToken, UnsupportedLanguage) as e:
        found[name] = [type(e).__name__, str(e)]
both = ["TOXICITY", "INSULT"]
found["skipped"] = Client(token=key).analyze(swedish, attributes=both, language="sv", skip_on_lang=True)
print(json.dumps(found))
"""
PERSPECTIVEAPI = """
import json, sys
from perspective import Attribute
from perspective.blocking import Perspective
key, rude, kind = sys.argv[1:]
score = Perspective(key).score(rude, [Attribute.TOXICITY, Attribute.INSULT, Attribute.FLIRTATION])
print(json.dumps([score.toxicity, score.insult, score.flirtation]))
"""
BEGENTLE = """
import json, sys, begentle
key, rude, kind = sys.argv[1:]
analyzer = begentle.CommentAnalyzer(key)
print(json.dumps([analyzer.analyze(rude), analyzer.analyze(kind)]))
"""
PERSPECTIVE = """
import json, sys
from perspective import PerspectiveAPI
key, rude, kind = sys.argv[1:]
api = PerspectiveAPI(key)
attributes = {"TOXICITY": {"scoreType": "PROBABILITY"}, "INSULT": {}}
context = [{"text": "What did you say?", "type": "PLAIN_TEXT"}]
rude = api.analyze_comment(rude, requested_attributes=attributes, context=context, languages=["en"],
                           span_annotations=True, do_not_store=True, client_token="t", community_id="c")
scores = {"TOXICITY": {"summaryScore": {"value": 0.0}}}
print(json.dumps({"rude": rude, "kind": api.score(kind, ["TOXICITY", "SPAM"]),
                  "suggested": api.suggest_score(kind, scores, client_token="u")}))
"""
GOOGLEAPIS = """
const { google } = require("googleapis");
const [base, key, rude, kind] = process.argv.slice(2);
(async () => {
  const client = await google.discoverAPI(base + "/$discovery/rest?version=v1alpha1");
  const analyze = (text, languages) => client.comments.analyze({
    key, requestBody: { comment: { text }, requestedAttributes: { TOXICITY: {}, THREAT: {} }, languages },
  });
  const wrong = (error) => [error.response.status, error.response.data.error.message];
  console.log(JSON.stringify({
    rude: (await analyze(rude)).data,
    kind: (await analyze(kind, ["en"])).data,
    empty: await analyze("").catch(wrong),
    swedish: await analyze("Tack för en bra artikel om skolan.", ["sv"]).catch(wrong),
  }));
})();
"""
API_CLIENT = """
const Perspective = require("perspective-api-client");
const [key, rude, kind] = process.argv.slice(2);
(async () => {
  const client = new Perspective({ apiKey: key });
  const scored = await client.analyze(rude, { attributes: ["TOXICITY", "insult"], doNotStore: true });
  const wrong = await new Perspective({ apiKey: "wrong" }).analyze(kind).catch((error) => error.message);
  console.log(JSON.stringify({ scored, wrong }));
})();
"""
JS_CLIENT = """
const { Client } = require("@conversationai/perspectiveapi-js-client");
const [key, rude, kind] = process.argv.slice(2);
(async () => {
  const client = new Client(key);
  const failed = await client.getScores(kind, { attributes: ["FLIRTATION"] }).catch((error) => String(error));
  console.log(JSON.stringify({ scores: await client.getScores("<b>" + rude + "</b>"), failed }));
})();
"""


@pytest.fixture
def leaving_out(live: Live) -> Any:
    """A site that leaves out what no model measures."""
    change = partial(sites.change_settings, live.database, live.site_id, by=OPERATOR, now=utc_now())
    change(perspective_without_model=WithoutModel.OMIT)
    yield
    change(perspective_without_model=WithoutModel.ERROR)


def by_address(live: Live, command: list[str], env: dict[str, str] | None = None) -> Any:
    return json.loads(run([*command, live.url, live.key_with(Scope.SCORE, Scope.POST), RUDE, KIND], env=env))


def by_name(live: Live, names: PrivateNames, command: list[str]) -> Any:
    return json.loads(run([*command, live.key_with(Scope.SCORE, Scope.POST), RUDE, KIND], env=dict(names.environ())))


def node(modules: Path, script: str, folder: Path) -> list[str]:
    """The script beside the modules that it asks for, as Node looks for them."""
    (folder / "node_modules").symlink_to(modules)
    (folder / "call.js").write_text(script, encoding="utf-8")
    return ["node", str(folder / "call.js")]


def value(answer: Any, name: str = "TOXICITY") -> float:
    return float(answer["attributeScores"][name]["summaryScore"]["value"])


def test_googles_client_for_python(live: Live, python: Path) -> None:
    found = by_address(live, [str(python), "-c", GOOGLE])

    assert value(found["one"]) > 0.8
    assert value(found["one"], "INSULT") > 0.5
    assert found["one"]["languages"] == found["one"]["detectedLanguages"] == ["en"]
    assert value(found["batch"]["rude"]) == value(found["one"])
    assert value(found["batch"]["kind"]) < 0.2
    assert (found["batch"]["empty"], found["batch"]["swedish"]) == (400, 400)
    assert found["suggested"] == {"clientToken": "t"}
    assert found["wrong"] == [400, "API key not valid. Please pass a valid API key."]
    assert found["errors"] == {
        "empty": [400, "Comment must be non-empty.", ["COMMENT_EMPTY"]],
        "long": [
            400,
            "Comment text was too many bytes. Value (20481) exceeded limit (20480).",
            ["COMMENT_TOO_LONG"],
        ],
        "unknown": [400, "Unknown requested attribute: FOO", ["INVALID_REQUEST"]],
        "swedish": [
            400,
            "Attribute TOXICITY does not support request languages: sv",
            ["LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"],
        ],
    }
    with live.database.read() as conn:
        kept = [label for _, label in labels.of_site(conn, live.site_id, limit=50)]
    assert ("toxicity", 0.0, KIND, "t") in {(one.signal, one.value, one.text, one.reference) for one in kept}


def test_googles_client_for_node(live: Live, node_modules: Path, tmp_path: Path) -> None:
    found = by_address(live, node(node_modules, GOOGLEAPIS, tmp_path))

    assert value(found["rude"]) > 0.8 > 0.2 > value(found["kind"])
    assert found["empty"] == [400, "Comment must be non-empty."]
    assert found["swedish"] == [400, "Attribute TOXICITY does not support request languages: sv"]


def test_pyperspective(live: Live, names: PrivateNames, python: Path) -> None:
    found = by_name(live, names, [str(python), "-c", PYPERSPECTIVE])

    assert found["scores"]["TOXICITY"] > 0.8
    assert list(found["scores"]) == ["TOXICITY", "SEVERE_TOXICITY", "THREAT"]
    assert (found["span"], found["detected"]) == (RUDE, ["en"])
    assert found["wrong"] == "InvalidAuthKey"
    assert found["flirt"]  # an error, in its own way


def test_pyspective_asks_for_everything(live: Live, names: PrivateNames, python: Path, leaving_out: None) -> None:
    found = by_name(live, names, [str(python), "-c", PYSPECTIVE])

    assert found["all"]["TOXICITY"] > 0.8
    assert set(found["all"]) == {"TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"}
    assert found["one"]["TOXICITY"] < 0.2
    assert found["suggested"] == "Successed"


def test_perspective_py(live: Live, names: PrivateNames, python: Path) -> None:
    found = by_name(live, names, [str(python), "-c", PERSPECTIVE_PY])

    assert found["scores"]["TOXICITY"] > 80
    assert len(found["scores"]) == 6
    assert found["wrong"][0] == "InvalidToken"
    assert found["swedish"] == ["UnsupportedLanguage", 'Swedish (sv) is not supported by "TOXICITY" attribute.']
    assert found["skipped"] == {}  # it took one attribute after the other out of the errors' texts


def test_perspectiveapi(live: Live, names: PrivateNames, leaving_out: None) -> None:
    python = python_with("perspectiveapi", "perspectiveapi>=1,<2", "httpx>=0.24")

    toxicity, insult, flirtation = by_name(live, names, [str(python), "-c", PERSPECTIVEAPI])

    assert toxicity > 0.8 and insult > 0.5
    assert flirtation is None


def test_begentle(live: Live, names: PrivateNames, python: Path) -> None:
    rude, kind = by_name(live, names, [str(python), "-c", BEGENTLE])

    assert rude > 0.8 > 0.2 > kind


def test_perspective_api_client(live: Live, names: PrivateNames, node_modules: Path, tmp_path: Path) -> None:
    found = by_name(live, names, node(node_modules, API_CLIENT, tmp_path))

    assert value(found["scored"]) > 0.8
    assert found["wrong"] == "API key not valid. Please pass a valid API key."


def test_jigsaws_client(live: Live, names: PrivateNames, node_modules: Path, tmp_path: Path) -> None:
    found = by_name(live, names, node(node_modules, JS_CLIENT, tmp_path))

    assert found["scores"]["TOXICITY"] > 0.8
    assert 0 <= found["scores"]["SPAM"] < 1
    assert "400" in found["failed"]


def test_perspective(live: Live, names: PrivateNames) -> None:
    python = python_with("perspective-other", "perspective>=1,<2")

    found = by_name(live, names, [str(python), "-c", PERSPECTIVE])

    assert value(found["rude"]) > 0.8
    assert found["rude"]["clientToken"] == "t"
    assert found["kind"]["TOXICITY"] < 0.2
    assert found["suggested"] == {"clientToken": "u"}

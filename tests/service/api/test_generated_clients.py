"""Clients that others generate from the OpenAPI document: the README's comment compiles in TypeScript, and a Python
client sends it. Both generators are installed once, into a folder of this Python environment."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.serving import make_server

from moderation.ground.database.engine import Database
from tests.installed_clients import INSTALL_S, RUN_S, node_modules_with, python_with, run
from tests.service.conftest import Caller

ROOT = Path(__file__).parents[3]
NODE_PACKAGES = ("openapi-typescript@^7", "typescript@^5")
PYTHON_PACKAGES = ("openapi-python-client>=0.26,<1",)
pytestmark = pytest.mark.timeout(2 * INSTALL_S)

USE = """
import type { components, paths, webhooks } from "./gavel";

type Schemas = components["schemas"];
type Body<Kind extends keyof webhooks> = webhooks[Kind]["post"]["requestBody"]["content"]["application/json"];

export const comment: Schemas["NewComment"] = README;
export const batch: Schemas["CommentBatch"] = { comments: [README] };
export const article: Schemas["NewArticle"] = { title: "Ferry to run all winter" };
export const edit: Schemas["Edit"] = { text: "At last." };
export const decision: Schemas["NewDecision"] = { action: "reject", version: 2 };
export const report: Schemas["NewReport"] = { reporter_id: "reader-9", reason: "insult" };
export const policy: Schemas["PolicyDocument"] = {
  required: ["toxicity"],
  rules: [{ signal: "toxicity", at_least: 0.8, action: "flag" }],
};
export const query: paths["/v1/comments"]["get"]["parameters"]["query"] = { status: "flagged" };

export function heard(event: Body<"comment.published"> | Body<"comment.withdrawn">): string {
  return `${event.sequence}: ${event.data.comment.id} is ${event.data.comment.status}`;
}
"""
WRONG = """
import type { components } from "./gavel";

export const comment: components["schemas"]["NewComment"] = {
  article: { id: "a-42" }, author: { id: "reader-7" }, txet: "At last.",
};
"""
SEND = """
import json, sys
from gavel import AuthenticatedClient
from gavel.api.articles import count_comments, list_comments
from gavel.api.comments import submit_comment
from gavel.models import Accepted, NewComment

url, token, body = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=token)
comment = NewComment.from_dict(json.loads(body))
answer = submit_comment.sync_detailed(client=client, body=comment)
assert answer.status_code == 202, answer
assert isinstance(answer.parsed, Accepted)
page = list_comments.sync(comment.article.id, client=client)
counts = count_comments.sync(client=client, id=[comment.article.id])
print(json.dumps([answer.parsed.status, page.to_dict(), counts.to_dict()]))
"""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def document(client: FlaskClient, tmp_path: Path) -> Path:
    file = tmp_path / "openapi.json"
    file.write_bytes(client.get("/openapi.json").data)
    return file


@pytest.fixture
def url(app: OpenAPI) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def readme_body() -> str:
    (body,) = re.findall(r"-d '(\{.*?\})'", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(body)


@pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="no node and npm here, which openapi-typescript needs"
)
def test_the_readmes_comment_compiles_in_typescript(document: Path, tmp_path: Path) -> None:
    tools = node_modules_with("node", *NODE_PACKAGES) / ".bin"
    run([str(tools / "openapi-typescript"), str(document), "--output", str(tmp_path / "gavel.d.ts")])
    (tmp_path / "use.ts").write_text(USE.replace("README", readme_body()), encoding="utf-8")
    (tmp_path / "wrong.ts").write_text(WRONG, encoding="utf-8")
    check = [str(tools / "tsc"), "--noEmit", "--strict", "--target", "es2022", "--module", "esnext",
             "--moduleResolution", "bundler", "--skipLibCheck"]  # fmt: skip

    run([*check, "use.ts"], cwd=tmp_path)
    wrong = subprocess.run(
        [*check, "wrong.ts"], cwd=tmp_path, capture_output=True, text=True, timeout=RUN_S, check=False
    )

    assert wrong.returncode != 0
    assert "'txet' does not exist" in wrong.stdout


def test_a_generated_python_client_sends_the_readmes_comment(
    document: Path, tmp_path: Path, url: str, api: Caller
) -> None:
    python = python_with("python", *PYTHON_PACKAGES)
    made = [str(python), "-m", "openapi_python_client", "generate", "--path", str(document), "--meta", "none"]
    told = run([*made, "--output-path", str(tmp_path / "gavel")])

    answer = run([str(python), "-c", SEND, url, api.token, readme_body()], cwd=tmp_path)

    assert "Unable to" not in told and "cannot parse" not in told.lower(), told
    status, page, counts = json.loads(answer)
    assert status == "waiting"
    assert page == {"comments": [], "next": None}
    assert counts == {"counts": {"a-42": 0}}
    listed = api.get("/v1/comments").json
    assert listed is not None
    assert [comment["text"] for comment in listed["comments"]] == [json.loads(readme_body())["text"]]

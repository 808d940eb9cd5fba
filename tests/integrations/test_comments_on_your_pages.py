"""The page about the comment box, followed to the letter: its commands in their order, then its examples in
each language against the Gavel that those set up."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from click.testing import CliRunner

from service.commands import cli
from tests.installed_clients import MAY_SKIP, node_modules_with
from tests.integrations import example_site
from tests.integrations.example_site import EXAMPLE_URL, ExampleSite
from tests.integrations.newsroom_gavel import NewsroomGavel, judge_toxicity_alone
from tests.waiting import eventually

PAGE = Path(__file__).parents[2] / "docs" / "comments-on-your-pages.md"
ORIGIN = "https://www.our-paper.example"
CIVIL, VILE = "At last. Will the last boat wait for the train?", "What a vile council this is."
PROGRAMS = {"PHP": "php", "Python": "python3", "Node": "node"}


@dataclass(frozen=True, slots=True)
class Paper:
    """Our paper, as the commands of the page left it."""

    gavel: NewsroomGavel
    printed: str

    def named(self, pattern: str) -> str:
        found = re.search(pattern, self.printed)
        assert found, self.printed
        return found[1]

    @property
    def constants(self) -> dict[str, str]:
        return {
            "KEY": self.named(r"api_key +(\S+)"), "KID": self.named(r"kid +(\S+)"),
            "SECRET": self.named(r"\nsecret +(\S+)"), "SITE_ID": self.named(r'data-site="(\S+)"'),
        }  # fmt: skip

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token or self.constants['KEY']}", "Origin": ORIGIN}
        answer = urllib3.request(method, self.gavel.direct + path, headers=headers, json=body, timeout=20)
        assert answer.status < 300, answer.data
        return answer.json()

    def by(self, reader: str) -> list[Any]:
        found: list[Any] = self.call("GET", f"/v1/authors/{quote(reader, safe='')}/export")["comments"]
        return found


@pytest.fixture(scope="module")
def paper(gavel: NewsroomGavel) -> Paper:
    """Each line for a terminal is run as it is printed there."""
    printed = ""
    for line in example_site.commands(PAGE):
        printed += _ran(line.replace(EXAMPLE_URL, gavel.direct), gavel, printed)
    made = Paper(gavel, printed)
    judge_toxicity_alone(made.call)
    return made


def _ran(line: str, gavel: NewsroomGavel, before: str) -> str:
    if line.startswith("gavel "):
        done = CliRunner().invoke(cli, shlex.split(line)[1:], env=gavel.environment)
        assert done.exit_code == 0, (line, done.output)
        return done.output
    key = re.search(r"api_key +(\S+)", before)
    assert key is not None
    said = subprocess.run(
        ["bash", "-c", line.replace("curl ", "curl -sS --fail-with-body ", 1)],
        env={"KEY": key[1], "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return said.stdout


@pytest.fixture(scope="module", params=PROGRAMS)
def site(
    request: pytest.FixtureRequest, paper: Paper, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExampleSite]:
    """Where a language is missing its examples are skipped, but never in continuous integration."""
    language = request.param
    if MAY_SKIP and shutil.which(PROGRAMS[language]) is None:
        pytest.skip(f"no {PROGRAMS[language]} here: ./run.sh test installs it")
    modules = node_modules_with("express", "express@^5") if language == "Node" else None
    token, form = (example_site.examples(PAGE, each)[language] for each in ("3. Say who reads", "Without a script"))
    folder = tmp_path_factory.mktemp(language)
    here = form.replace(EXAMPLE_URL, paper.gavel.url)
    assert here != form
    with example_site.serving(language, token, here, paper.constants, folder, modules) as found:
        yield found


def test_the_page_of_the_documents_leads_to_an_open_article(paper: Paper) -> None:
    read = urllib3.request("GET", f"{paper.gavel.direct}/v1/pages/{paper.constants['SITE_ID']}/articles/a-42").json()

    assert read["article"]["title"] == "Ferry to run all winter"
    assert read["article"]["open"]
    assert read["comments"] == [] or {one["author"]["name"] for one in read["comments"]} == {"Dana"}


def test_the_call_for_pages_answers_in_a_shell(paper: Paper) -> None:
    (line,) = (line for line in example_site.commands(PAGE.with_name("api.md")) if line.startswith("curl "))
    call = line.replace(EXAMPLE_URL, paper.gavel.direct).replace("curl ", "curl -sS --fail-with-body ")
    environment = {"SITE": paper.constants["SITE_ID"], "PATH": "/usr/bin:/bin"}

    said = subprocess.run(["bash", "-c", call], env=environment, capture_output=True, check=True, timeout=60)

    assert json.loads(said.stdout)["article"]["id"] == "a-42"


@pytest.mark.parametrize("prefix", ["", "urn:reader/"])
def test_with_the_token_of_the_example_a_reader_writes(
    site: ExampleSite, paper: Paper, reader: str, prefix: str
) -> None:
    reader = prefix + reader
    nobody, token = site.token(None), site.token(reader)

    written = paper.call("POST", "/v1/reader/comments", {"article_id": "a-42", "text": CIVIL}, token.text)

    assert (nobody.status, nobody.text) == (204, "")
    assert nobody.headers["cache-control"] == token.headers["cache-control"] == "no-store"
    assert written["status"] in ("waiting", "published")
    assert [one["text"] for one in paper.by(reader)] == [CIVIL]


@pytest.fixture
def reader(request: pytest.FixtureRequest) -> str:
    """Another one in each test: a number, as most sites have it."""
    return str(zlib.crc32(request.node.name.encode()))


def test_the_form_of_the_example_sends_a_comment_and_the_page_learns_what_became_of_it(
    site: ExampleSite, paper: Paper, reader: str
) -> None:
    for text, status in ((CIVIL, "published"), (VILE, "flagged")):
        answer = site.send(text, reader)
        while answer.headers["location"].endswith("waiting"):  # a slow machine took longer than the page waits
            eventually(lambda: all(one["status"] != "waiting" for one in paper.by(reader)), within_s=60)
            answer = site.send(text, reader)
        assert (answer.status, answer.headers["location"]) == (303, f"/ferry?comment={status}")

    assert {(one["text"], one["article_id"]) for one in paper.by(reader)} == {(CIVIL, "a-42"), (VILE, "a-42")}


def test_a_reader_whose_comment_is_refused_sees_why(site: ExampleSite, paper: Paper, reader: str) -> None:
    site.send(CIVIL, reader)
    empty, long = site.send(" ", reader), site.send("word " * 4_001, reader)
    paper.call("POST", f"/v1/authors/{reader}/measures", {"measure": "ban", "reason": "<b>Enough</b>."})
    banned = site.send(CIVIL, reader)

    assert (empty.status, empty.text) == (422, "We cannot take this as it is. Please change it.")
    assert (long.status, long.text) == (422, "At most 20,000 characters, please.")
    assert banned.status == 403 and banned.text.startswith("You can no longer comment here.")
    assert "<b>" not in banned.text or "text/plain" in banned.headers["content-type"]
    assert len(paper.by(reader)) == 1


def test_a_reader_hears_that_comments_cannot_be_sent(site: ExampleSite, paper: Paper, reader: str) -> None:
    with paper.gavel.away():
        answer = site.send(CIVIL, reader)

    assert (answer.status, answer.text) == (503, "Comments cannot be sent just now.")

"""The examples of a page of the documents, put into a small site in PHP, Python or Node and served on loopback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.conftest import free_port
from tests.waiting import eventually

EXAMPLE_URL = "https://gavel.example"  # as the documents write it
# Where each puts the examples. The header names the reader who is logged in: a number, as most databases have it.
PHP = """<?php
%(constants)s
$id = $_SERVER['HTTP_X_READER'] ?? null;
$reader = $id ? (object) ['id' => ctype_digit($id) ? (int) $id : $id, 'name' => 'Dana'] : null;
if ($_SERVER['REQUEST_URI'] === '/gavel-token') {
%(token)s
} elseif ($_SERVER['REQUEST_URI'] === '/comment') {
%(form)s
}
"""
PYTHON = """
from time import time
from types import SimpleNamespace
import jwt, requests, sys
from flask import Flask, redirect, request
from markupsafe import escape
from werkzeug.local import LocalProxy
%(constants)s
app = Flask(__name__)
def logged_in():
    id = request.headers.get("X-Reader")
    return SimpleNamespace(id=int(id) if id.isdigit() else id, name="Dana") if id else None
reader = LocalProxy(logged_in)
%(token)s
%(form)s
app.run("127.0.0.1", int(sys.argv[1]))
"""
NODE = r"""
const crypto = require("crypto");
const express = require("express");
%(constants)s
const app = express();
let reader;
app.use((req, res, next) => {
  const id = req.get("X-Reader");
  reader = id && { id: /^\d+$/.test(id) ? Number(id) : id, name: "Dana" };
  next();
});
%(token)s
%(form)s
app.listen(Number(process.argv[2]), "127.0.0.1");
"""
TEMPLATES = {"PHP": (PHP, "${} = {};"), "Python": (PYTHON, "{} = {}"), "Node": (NODE, "const {} = {};")}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]


@dataclass
class ExampleSite:
    url: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=20, retries=False))

    def token(self, reader: str | None) -> Answer:
        return self._call("GET", "/gavel-token", reader)

    def send(self, text: str, reader: str) -> Answer:
        """As the form of the documents does."""
        return self._call("POST", "/comment", reader, fields={"text": text}, encode_multipart=False)

    def _call(self, method: str, path: str, reader: str | None, **sent: Any) -> Answer:
        headers = {"X-Reader": reader} if reader else {}
        done = self.http.request(method, self.url + path, headers=headers, redirect=False, **sent)
        return Answer(done.status, done.data.decode(), done.headers)


def examples(page: Path, section: str) -> dict[str, str]:
    """The code below a heading by the word before its colon, such as "PHP" or "Node (Express)"."""
    text = page.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    found = re.findall(r"(PHP|Python|Node)[^\n]*:\n\n((?: {4}[^\n]*\n|\n(?= {4}))+)", text)
    return {language: re.sub(r"^ {4}", "", code, flags=re.MULTILINE) for language, code in found}


def commands(page: Path) -> list[str]:
    """The lines of the page that belong into a terminal."""
    return re.findall(r"^ {4}((?:gavel|curl) .+)$", page.read_text(encoding="utf-8"), re.MULTILINE)


@contextmanager
def serving(
    language: str, token: str, form: str, constants: Mapping[str, str], folder: Path, node_modules: Path | None
) -> Iterator[ExampleSite]:
    port = free_port()
    command = {
        "PHP": ["php", "-S", f"127.0.0.1:{port}", "site.php"],
        "Python": [sys.executable, "site.py", str(port)],
        "Node": ["node", "site.cjs", str(port)],
    }[language]
    template, sign = TEMPLATES[language]
    given = "\n".join(sign.format(name, json.dumps(value)) for name, value in constants.items())
    source = template % {"constants": given, "token": token, "form": form}
    next_to = folder / next(part for part in command if part.startswith("site."))
    next_to.write_text(source, encoding="utf-8")
    if node_modules:
        (folder / "node_modules").symlink_to(node_modules)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            site = ExampleSite(f"http://127.0.0.1:{port}")
            eventually(lambda: _answers(site), within_s=30, says=lambda: (folder / "log").read_text()[-2000:])
            yield site
        finally:
            process.terminate()
            process.wait(60)


def _answers(site: ExampleSite) -> bool:
    try:
        return site.token(None).status < 500
    except urllib3.exceptions.HTTPError:
        return False

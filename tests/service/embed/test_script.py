"""The script of the box: its size, its headers, and that it needs nothing that a strict page forbids."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from deploy import box_script
from moderation.ground.database.engine import Database
from moderation.ground.wording import sentences
from moderation.sites.sites import NewSite
from service.api.pages.site_calls import TextsPart, of_part
from service.commands import cli
from service.embed.script import BUILT, FOLDER, LATER_PARTS, PARTS, built, later, source_digest

MOST_BYTES = 12_000


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_script_style_and_words_are_at_most_twelve_kilobytes_compressed(language: str) -> None:
    """All that comes before the first comment is shown."""
    first = of_part(TextsPart.FIRST, sentences.of_box(language))
    words = json.dumps({"language": language, "texts": first}, ensure_ascii=False, separators=(",", ":"))

    assert len(built().packed) + len(gzip.compress(words.encode(), 9)) <= MOST_BYTES


def test_the_script_may_be_loaded_and_kept_by_any_page(client: FlaskClient) -> None:
    plain = client.get("/embed/v1.js")
    packed = client.get("/embed/v1.js", headers={"Accept-Encoding": "br, gzip"})
    again = client.get("/embed/v1.js", headers={"If-None-Match": plain.headers["ETag"]})
    pinned = client.get(f"/embed/v1.js?v={built().version}")

    assert plain.mimetype == "text/javascript"
    assert plain.data == gzip.decompress(packed.data) == built().plain
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert (again.status_code, again.data) == (304, b"")
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert plain.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["Cache-Control"] == "public, max-age=600, stale-while-revalidate=86400"
    assert pinned.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_later_part_comes_by_its_version_and_hash(client: FlaskClient) -> None:
    answer = client.get(f"/embed/v1/later.js?v={later().version}")

    assert answer.data == later().plain
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for said in (later().version, later().integrity):
        assert said in built().plain.decode()


def test_the_script_has_nothing_that_a_strict_policy_stops() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|document\.cookie|localStorage"
    )

    assert re.findall(forbidden, (built().plain + later().plain).decode()) == []


def test_the_command_prints_a_tag_with_the_scripts_own_hash(
    database: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.operations.operating.migrating.check", lambda db: None)
    environment = {"DATABASE_URL": database.url, "PUBLIC_URL": "https://gavel.example"}

    usual = CliRunner().invoke(cli, ["embed", "Site A"], env=environment)
    pinned = CliRunner().invoke(cli, ["embed", "Site A", "--pinned"], env=environment)

    assert f'data-site="{site.site.id}"' in usual.output
    assert 'src="https://gavel.example/embed/v1.js"' in usual.output
    assert "connect-src 'self' https://gavel.example" in usual.output
    assert "No page may read yet" in usual.output
    digest = base64.b64encode(hashlib.sha384(built().plain).digest()).decode()
    assert f'integrity="sha384-{digest}" crossorigin="anonymous"' in pinned.output


def test_the_built_script_is_made_from_these_parts() -> None:
    noted = (BUILT / "made_from.sha256").read_text(encoding="utf-8").strip()

    assert noted == source_digest(), "a part of the box has changed: ./run.sh box"


def test_every_part_is_in_the_script() -> None:
    assert {path.stem for path in FOLDER.glob("*.js")} == set(PARTS)
    assert {path.stem for path in (FOLDER / "later").glob("*.js")} == set(LATER_PARTS)


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm here")
def test_the_tools_keep_a_regular_expression_and_make_the_script_small() -> None:
    """A division and a regular expression look alike: the first tool of this project took one for the other."""
    with box_script.tools() as programs:
        minified = programs.script("const ok = 1;\nwindow.said = ok && / b/.test(window.text); // a comment\n")

    assert "/ b/.test(window.text)" in minified and "comment" not in minified

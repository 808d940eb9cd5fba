"""The script of the box: its size, its headers, and that it needs nothing that a strict page forbids."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pydantic import BaseModel

from moderation.database.engine import Database
from moderation.sites.sites import NewSite
from service.api.notices import bodies as notice_bodies
from service.api.pages import bodies as article_bodies
from service.api.pages import texts
from service.api.readers import bodies as reader_bodies
from service.commands import cli
from service.embed import minifying
from service.embed.script import FOLDER, PARTS, built, own_names

MOST_BYTES = 12_000


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.mark.parametrize("language", texts.languages())
def test_script_style_and_words_are_at_most_twelve_kilobytes_compressed(language: str) -> None:
    words = json.dumps({"language": language, "texts": texts.ours(language)}, ensure_ascii=False, separators=(",", ":"))

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
    assert plain.headers["Cache-Control"] == "public, max-age=86400, stale-while-revalidate=604800"
    assert pinned.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_script_has_nothing_that_a_strict_policy_stops() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|document\.cookie|localStorage"
    )

    assert re.findall(forbidden, built().plain.decode()) == []


def test_the_command_prints_a_tag_with_the_scripts_own_hash(
    database: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.operating.migrating.check", lambda db: None)
    environment = {"DATABASE_URL": database.url, "PUBLIC_URL": "https://gavel.example"}

    usual = CliRunner().invoke(cli, ["embed", "Site A"], env=environment)
    pinned = CliRunner().invoke(cli, ["embed", "Site A", "--pinned"], env=environment)

    assert f'data-site="{site.site.id}"' in usual.output
    assert 'src="https://gavel.example/embed/v1.js"' in usual.output
    assert "connect-src 'self' https://gavel.example" in usual.output
    assert "No page may read yet" in usual.output
    digest = base64.b64encode(hashlib.sha384(built().plain).digest()).decode()
    assert f'integrity="sha384-{digest}" crossorigin="anonymous"' in pinned.output


def test_own_names_are_used_and_are_no_fields_of_an_answer() -> None:
    source = " ".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    used = set(re.findall(r"\w+", source)) | {"STYLE"}
    answers = (article_bodies, reader_bodies, notice_bodies)
    models = [each for module in answers for each in vars(module).values() if isinstance(each, type(BaseModel))]
    fields = {name for model in models for name in model.model_fields}

    assert own_names() <= used
    assert own_names() & fields == set()
    assert {"statement_path", "good_faith", "report_reasons"} <= fields


def test_own_names_become_short_and_stay_apart() -> None:
    source = 'const words = { own: a }; say(words.own, "words", `own ${words.own({ say: "own" })}`);'

    made = minifying.script(source, {"words", "own", "say"})

    assert made == 'const w={o:a};s(w.o,"words",`own ${w.o({s:"own"})}`);'


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("const a = 1; // one\n/* two */ let b = a + +a;", "const a=1;let b=a+ +a;"),
        ('const s = "a  // b";  const t = `x  ${ a }  y`;', 'const s="a  // b";const t=`x  ${a}  y`;'),
        ("found = /^#g (.+)\\/$/.test(a) ;", "found=/^#g (.+)\\/$/.test(a);"),
        ("const r = /[/ ]{2}/g ;", "const r=/[/ ]{2}/g;"),
        ("if (a) {\n  b();\n} else c() ;", "if(a){b()}else c();"),
        ("f(a, [b, c,], { d, },);", "f(a,[b,c],{d});"),
        ("for (;;) f();", "for(;;)f();"),
        ("a in b instanceof C", "a in b instanceof C"),
        ("x = a - -b; y = a / b / c", "x=a- -b;y=a/b/c"),
    ],
)
def test_only_needless_space_goes(source: str, made: str) -> None:
    assert minifying.script(source) == made


def test_the_space_of_a_selector_stays() -> None:
    source = ".a  .b > .c , p:has( > .d ) { margin: 0 1px ; /* x */ }\n.e :hover { color: red }"

    assert minifying.style(source) == ".a .b>.c,p:has(>.d ){margin:0 1px}.e :hover{color:red}"

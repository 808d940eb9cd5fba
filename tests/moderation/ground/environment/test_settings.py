"""A bad setting stops the start with a sentence that names it and reveals no password."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError

ROOT = Path(__file__).parents[4]
WRONG = {
    "mysql": ("DATABASE_URL", "mysql://root:hunter2@db/gavel"),
    "another driver": ("DATABASE_URL", "postgresql+psycopg2://gavel:hunter2@db/gavel"),
    "a path": ("DATABASE_URL", "/var/lib/gavel.db"),
    "a web address": ("REDIS_URL", "http://queue.example"),
    "no scheme": ("REDIS_URL", "queue.example:6379"),
    "a word": ("PUBLIC_URL", "foo"),
    "a path behind it": ("PUBLIC_URL", "https://paper.example/comments"),
    "another scheme": ("PUBLIC_URL", "ftp://paper.example"),
    "a bad port": ("PUBLIC_URL", "https://paper.example:99999"),
    "a provider without a host": ("OIDC_ISSUER", "https:///realms/news"),
    "a provider with a query": ("OIDC_ISSUER", "https://login.example/?realm=news"),
    "a provider's host alone": ("OIDC_ISSUER", "login.example"),
    "a role that nobody has": ("OIDC_ROLES", "newsroom=editor@Our paper"),
}
PROGRAMS = (("service", "serve"), ("service", "migrate"), ("workers",), ("gavel", "up"))
STOPPING = {"DATABASE_URL": "mysql://x", "REDIS_URL": "http://x", "PUBLIC_URL": "foo", "GAVEL_HOME": "/proc/gavel"}
STARTS_FOR_EACH = """
import json, os, runpy, sys
from pathlib import Path

folder, program, stopping = Path(sys.argv[2]), sys.argv[3:], json.loads(sys.argv[1])

def start(name, file):
    os.environ[name] = stopping[name]
    os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), 2)
    sys.argv = list(program)
    runpy.run_module(program[0], run_name="__main__", alter_sys=True)

try:
    start("PUBLIC_URL", os.devnull)  # imports what each of the next starts would import again
except SystemExit:
    del os.environ["PUBLIC_URL"]
for name in stopping:
    if not (pid := os.fork()):
        start(name, folder / f"{name}.err")
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    (folder / f"{name}.code").write_text(str(code))
"""


CONTRADICTIONS = {
    "a provider that knows no Gavel": ({"OIDC_ISSUER": "https://login.example"}, "OIDC_CLIENT_ID"),
    "no identity asked for": (
        {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "gavel", "OIDC_SCOPES": "email"}, "OIDC_SCOPES",
    ),
    "no way in": ({"PASSWORD_LOGIN": "no"}, "PASSWORD_LOGIN"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_settings_that_contradict_each_other_are_refused_by_name(case: str) -> None:
    environ, name = CONTRADICTIONS[case]

    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_env(environ)
    assert [str(mistake).partition(":")[0] for mistake in Settings.mistakes(environ)] == [name]


def test_the_secret_at_the_provider_is_never_shown() -> None:
    environ = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "gavel", "OIDC_CLIENT_SECRET": "hunter2"}

    assert "hunter2" not in repr(Settings.from_env(environ))


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_right_is_refused_by_name(case: str) -> None:
    name, value = WRONG[case]

    with pytest.raises(SettingsError, match=f"^{name}: .*, got ") as refused:
        Settings.from_env({name: value})

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("PUBLIC_URL", "https://paper.example:8443/", "https://paper.example:8443"),
        ("DATABASE_URL", "postgresql://gavel@db/gavel?sslmode=verify-full", None),
        ("DATABASE_URL", "postgres://gavel@db/gavel", None),
        ("DATABASE_URL", "sqlite:////var/lib/gavel.db", None),
        ("REDIS_URL", "rediss://queue:6380/0", None),
        ("REDIS_URL", "unix:///run/valkey.sock?db=1", None),
        ("REDIS_URL", "redis+sentinel://a:26379,b:26379/mymaster/0", None),
        ("PUBLIC_URL", "", ""),
    ],
)
def test_what_is_right_is_taken(name: str, value: str, read: str | None) -> None:
    assert getattr(Settings.from_env({name: value}), name.lower()) == (value if read is None else read)


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_every_program_says_so_in_one_line(program: tuple[str, ...], tmp_path: Path) -> None:
    environ = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL")}
    command = [sys.executable, "-c", STARTS_FOR_EACH, json.dumps(STOPPING), str(tmp_path), *program]

    subprocess.run(command, env=environ, cwd=ROOT, check=True, timeout=60)

    for name in STOPPING:
        said = (tmp_path / f"{name}.err").read_text()
        assert int((tmp_path / f"{name}.code").read_text()) in (1, 2), said
        assert name in said
        assert "Traceback" not in said
        assert len(said.strip().splitlines()) == 1, said


@pytest.mark.parametrize(
    ("given", "is_plain"),
    [
        ({"host": "0.0.0.0"}, True),
        ({"host": "::"}, True),
        ({"host": "10.0.0.5", "public_url": "http://paper.example"}, True),
        ({"host": "0.0.0.0", "public_url": "https://paper.example"}, False),
        ({"host": "0.0.0.0", "demo": True}, False),
        ({"host": "127.0.0.1"}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
    ],
)
def test_plain_http_beyond_loopback_is_known(given: dict[str, str | bool], is_plain: bool) -> None:
    assert Settings(**given).is_plain_http is is_plain  # type: ignore[arg-type]

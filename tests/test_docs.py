"""The documents agree with the code: commands, environment variables, default limits and numbers that they name."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from gavel.command import GavelCommand
from moderation.ground.environment.settings import Settings
from moderation.ground.values.policies import Rule
from moderation.judging.policy import document_form
from moderation.judging.policy.default import default_policy
from moderation.moderators.review import bulk
from moderation.sites.people import accounts, moderators, throttle
from service.compat.perspective.attributes import SIGNAL_OF, WITHOUT_MODEL
from service.desk.policy import replays
from service.desk.review import breaks
from workers.queue import delivery

ROOT = Path(__file__).parent.parent
PAGES: Mapping[str, str] = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for pattern in (
        "*.md", "docs/**/*.md", "deploy/**/*.md", "deploy/**/*.yaml", "docker-compose.yml", "examples/**/*.md",
        "models/**/*.md", "training/*.md", "training/suites/*.md", "tests/development/*.md",
        "service/templates/**/*.html",
    )
    for path in sorted(ROOT.glob(pattern))
}  # fmt: skip
TEXT = "\n".join(PAGES.values())
FENCED = re.MULTILINE | re.DOTALL
WORDS = {5: "five", 7: "seven", 9: "nine", 12: "twelve", 20: "twenty", 50: "fifty"}


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


@cache
def gavel() -> Mapping[tuple[str, ...], click.Command]:
    """Every command, which takes 100 MB: not while tests are collected."""
    return dict(commands(GavelCommand()))


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m ([a-z]\w*(?:\.\w+)*)", TEXT))))
def test_every_module_that_is_run_can_be_run(module: str) -> None:
    found = importlib.util.find_spec(module)

    assert found is not None
    assert found.submodule_search_locations is None or importlib.util.find_spec(f"{module}.__main__") is not None


def test_every_command_exists_with_its_options() -> None:
    named = re.findall(
        r"\b(?<!\./)(?<!-n )gavel (?!--)([a-z][^`\n|;,.<\]]*)",
        "\n".join([*re.findall(r"`[^`\n]+`|^    .+$", TEXT, re.MULTILINE), *re.findall(r"^```.*?^```", TEXT, FENCED)]),
    )
    groups = {path[0] for path in gavel() if len(path) > 1}
    named += re.findall(rf"`((?:{'|'.join(groups)}) [a-z][^`\n]*)`", TEXT)

    assert len(named) > 25
    assert [line for line in named if not is_a_command(line)] == []


def is_a_command(line: str) -> bool:
    words = re.findall(r"--[a-z-]+|[\w-]+", line)
    path = max((p for p in gavel() if list(p) == words[: len(p)]), key=len, default=None)
    if path is None:
        return False
    known = {option for parameter in gavel()[path].params for option in parameter.opts}
    command = gavel()[path]
    is_whole = not isinstance(command, click.Group) or command.invoke_without_command or line.strip() == " ".join(path)
    return is_whole and {word for word in words if word.startswith("--")} <= known


def test_the_measurements_listed_are_those_that_there_are() -> None:
    source = (ROOT / "bench" / "__main__.py").read_text()  # importing it imports torch
    listed = re.findall(r"^\| `(\w+)` \|", PAGES["docs/measuring.md"], re.MULTILINE)

    assert len(listed) >= 10
    assert listed == re.findall(r'^    "(\w+)": Measurement(?:\.of)?\(', source, re.MULTILINE)


def test_every_environment_variable_named_is_read_somewhere() -> None:
    named = {name for text in PAGES.values() for name in re.findall(r"`\$?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`", text)}
    read = ("run.sh", "docker-compose.yml", "deploy/bin/backup")
    shell = "".join((ROOT / name).read_text() for name in read)
    others = set(re.findall(r"\b([A-Z]+_[A-Z_]+)\b", shell)) | {"NEWSROOM_PORT"}

    of_perspective = SIGNAL_OF.keys() | WITHOUT_MODEL | {"RESOURCE_EXHAUSTED"}
    of_clients = {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "HTTPLIB2_CA_CERTS", "NODE_EXTRA_CA_CERTS"}
    of_coral = {"PERSPECTIVE_TIMEOUT", "SYSTEM_WITHHELD"}
    of_wordpress = {"GAVEL_URL", "GAVEL_KEY"}  # constants in its configuration
    ours = {name for name, _, _ in Settings.documented()} | {"NAME_FILE"}

    assert named - ours - others - of_perspective - of_clients - of_coral - of_wordpress == set()


def test_a_default_beside_a_setting_is_its_default() -> None:
    defaults = {field.name.upper(): field.default for field in fields(Settings)}
    named = re.findall(r"`([A-Z_]+)` \((\d+)\)", TEXT)

    assert len(named) >= 2
    assert [(name, said) for name, said in named if defaults[name] != int(said)] == []


def rules(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, dict):
        if document.get("signal") and document.get("label"):
            yield document
        document = list(document.values())
    for part in document if isinstance(document, list) else ():
        yield from rules(part)


def default_of(signal: str, label: str) -> Rule | None:
    return next(
        (r for r in default_policy().rules if (r.signals, r.label) == (frozenset({signal}), label)),
        None,
    )


def test_a_rule_with_a_default_label_has_the_default_limit() -> None:
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
    compared = 0
    for rule in (rule for example in examples for rule in rules(example)):
        default = default_of(rule["signal"], rule["label"])
        if default is None or rule["action"] != default.action:
            continue
        limit = rule["limit"] if "limit" in rule else rule.get("at_least", rule.get("below"))
        assert limit == default.conditions[0].limit, rule
        compared += 1

    assert compared >= 6


def test_the_cards_name_the_default_limits() -> None:
    by_signal = {
        r.conditions[0].signal: r.conditions[0].limit for r in default_policy().rules if len(r.conditions) == 1
    }
    (listed,) = re.findall(r"At the default limits \((.+?)\)", PAGES["models/toxicity/README.md"])
    named = {name: float(limit) for name, limit in re.findall(r"(\w+) ([\d.]+)", listed)}

    assert len(named) == 6
    assert named == {name: by_signal[name] for name in named}
    assert f"holds comments below {by_signal['relevance']:g}." in PAGES["models/toxicity/README.md"]


def test_the_events_page_says_when_a_webhook_is_tried_again() -> None:
    (said,) = re.findall(r"tries again after (.+?), and then gives up", " ".join(PAGES["docs/events.md"].split()))
    units = {"seconds": 1, "minutes": 60, "hours": 3600}
    tried = [
        timedelta(seconds=int(number) * units[unit])
        for numbers, unit in re.findall(r"([\d, and]+) (seconds|minutes|hours)", said)
        for number in re.findall(r"\d+", numbers)
    ]

    assert tuple(tried) == delivery.RETRY_AFTER
    assert f"failed {WORDS[len(tried) + 1]} times" in " ".join(PAGES["docs/maintenance.md"].split())


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("docs/desk.md", f"at most {bulk.MAX_BATCH:,} comments"),
        ("docs/desk.md", f"newest {replays.NEWEST:,} scored comments"),
        ("docs/desk.md", f"After {WORDS[int(breaks.STRETCH.total_seconds() // 60)]} minutes"),
        ("docs/desk.md", f"ends after {WORDS[accounts.SESSION_HOURS]} hours"),
        ("docs/desk.md", f"for {WORDS[moderators.INVITATION_DAYS]} days"),
        ("docs/desk.md", f"After {WORDS[throttle.FAILURES_PER_PAIR]} wrong passwords"),
        ("docs/desk.md", f"After {WORDS[throttle.FAILURES_PER_ADDRESS]} from one network address"),
        ("docs/desk.md", f"or {WORDS[throttle.FAILURES_PER_ACCOUNT]} for one account"),
        ("docs/desk.md", "`1`–`9`"),
        ("docs/policy.md", f"up to {document_form.MAX_OVERRIDES:,} of each"),
    ],
)
def test_a_number_on_a_page_is_that_of_the_code(page: str, said: str) -> None:
    assert said in " ".join(PAGES[page].split())

"""docker-compose.yml agrees with the schema of the Compose specification, with the settings and with the commands."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from gavel.command import GavelCommand
from moderation.ground.environment.settings import Settings
from workers.queue.health import KINDS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, described in SERVICES.items() if "build" in described)
KEPT_RUNNING = sorted(name for name, described in SERVICES.items() if described["restart"] == "unless-stopped")
OF_THE_IMAGE = {"GAVEL_HOME", "HOST", "PORT"}
"""The images and ``ports`` set these: a value from .env would move the folder or the port within the container."""
OF_COMPOSE = {"POSTGRES_PASSWORD", "BIND", "PORT"}


def known() -> set[str]:
    return {name for name, _default, _meaning in Settings.documented()}


def schema() -> Any:
    return json.loads((files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text())


def test_the_file_is_one_that_compose_reads() -> None:
    jsonschema.validate(COMPOSE, schema())


def test_the_schema_sees_a_mistake() -> None:
    wrong = {**COMPOSE, "services": {"web": {**SERVICES["web"], "helthcheck": {}}}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema())


@pytest.mark.parametrize("service", OURS)
def test_every_setting_reaches_every_process_of_ours(service: str) -> None:
    given = SERVICES[service]["environment"]

    assert given.keys() - {"ORT_DISABLE_TELEMETRY"} == known() - OF_THE_IMAGE
    assert all(value is None or f"${{{name}:" in value for name, value in given.items() if name in known())


def test_the_images_set_what_is_not_passed_on() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert all(re.search(rf"\b{name}=\S", dockerfile) for name in OF_THE_IMAGE)


def test_what_compose_itself_reads_is_documented() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    (sentence,) = re.findall(r"^Compose reads .*?\.env`[^\n]*", (ROOT / "docs/operating.md").read_text(), re.M | re.S)

    assert read - known() | {"PORT"} == OF_COMPOSE
    assert set(re.findall(r"`([A-Z_]+)`", sentence)) >= OF_COMPOSE


@pytest.mark.parametrize(
    ("service", "kind"), [("worker", "work"), ("sweeper", "sweep"), ("deliver", "deliver"), ("answer", "answer")]
)
def test_a_process_without_a_port_is_asked_whether_it_is_well(service: str, kind: str) -> None:
    asked = SERVICES[service]["healthcheck"]

    assert asked["test"] == ["CMD", "gavel", "health", kind]
    assert "health" in GavelCommand().places and kind in KINDS


@pytest.mark.parametrize("service", KEPT_RUNNING)
def test_logs_do_not_fill_the_disk(service: str) -> None:
    limits = SERVICES[service]["logging"]["options"]

    assert re.fullmatch(r"\d+m", limits["max-size"])
    assert int(limits["max-file"]) > 1


def test_everything_that_stays_is_kept_running() -> None:
    assert set(SERVICES) - set(KEPT_RUNNING) == {"migrate"}


@pytest.mark.parametrize("service", OURS)
def test_an_image_of_the_version_before_does_not_stay(service: str) -> None:
    assert SERVICES[service]["pull_policy"] == "build"


def test_no_page_starts_containers_without_building_them() -> None:
    pages = [ROOT / "docker-compose.yml", ROOT / "README.md", *(ROOT / "docs").glob("*.md")]

    started = [
        line for page in pages for line in page.read_text().splitlines() if re.search(r"docker compose up\b", line)
    ]

    assert started and all("--build" in line or "docker compose build" in line for line in started)

"""The manifests against the published schemas, and what they promise against what the code does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import sqlalchemy as sa
import yaml

from gavel.command import GavelCommand
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from tests.moderation.conftest import Newsroom, add_site
from workers.queue.health import KINDS

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
VERSIONS = ("1.30", "1.34")
FOREIGN = ("keda.sh", "kustomize.config.k8s.io")  # no schema of Kubernetes' own


def objects(name: str = "*") -> list[dict[str, Any]]:
    return [found for path in sorted(FOLDER.glob(f"{name}.yaml")) for found in yaml.safe_load_all(path.read_text())]


def titled(found: dict[str, Any]) -> str:
    return f"{found['kind']} {found['metadata']['name']}" if "metadata" in found else str(found["kind"])


OURS = [found for found in objects() if not found["apiVersion"].startswith(FOREIGN)]


def pods() -> list[dict[str, Any]]:
    """The pod templates of everything that runs."""
    specs = []
    for found in OURS:
        spec = found.get("spec", {})
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
        if template:
            specs.append(template["spec"])
    return specs


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("found", OURS, ids=titled)
def test_each_object_is_valid(found: dict[str, Any], version: str) -> None:
    assert kubernetes_validate.validate(found, version, strict=True) == version


def test_the_schemas_see_a_mistake() -> None:
    (web,) = [found for found in objects("web") if found["kind"] == "Deployment"]
    web["spec"]["replcas"] = 3

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(web, VERSIONS[0], strict=True)


def test_every_file_is_applied_or_left_out_on_purpose() -> None:
    text = (FOLDER / "kustomization.yaml").read_text()

    named = set(re.findall(r"- ([\w.-]+\.yaml)", text))

    assert named == {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}


@pytest.mark.parametrize("pod", pods(), ids=lambda pod: pod["containers"][0]["name"])
def test_every_pod_runs_as_nobody_on_a_read_only_root(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("pod", pods(), ids=lambda pod: pod["containers"][0]["name"])
def test_every_command_and_probe_exists(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    probes = [
        p["exec"]["command"]
        for p in (container.get("livenessProbe"), container.get("startupProbe"))
        if p and "exec" in p
    ]

    for command in filter(None, [container.get("command"), *probes]):
        program, name, *rest = command
        assert program == "gavel"
        assert name in GavelCommand().places
        assert name != "health" or rest[0] in KINDS


def test_a_worker_may_finish_its_batch_before_it_is_killed() -> None:
    (worker,) = objects("worker")

    assert worker["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > Settings().batch_timeout_s


def test_every_setting_has_a_name_that_we_read() -> None:
    known = {name for name, _default, _meaning in Settings.documented()}
    (config,), (secret,) = objects("config"), objects("secret")

    assert set(config["data"]) | set(secret["stringData"]) <= known | {"ORT_DISABLE_TELEMETRY"}


@pytest.mark.parametrize("pod", pods(), ids=lambda pod: pod["containers"][0]["name"])
def test_every_setting_reaches_every_pod(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    (config,), (secret,) = objects("config"), objects("secret")

    assert {"configMapRef": {"name": config["metadata"]["name"]}} in container["envFrom"]
    assert {"secretRef": {"name": secret["metadata"]["name"]}} in container["envFrom"]
    assert "env" not in container  # nothing stands in the way of what an operator sets there


def test_the_readme_says_where_settings_go() -> None:
    text = (FOLDER / "README.md").read_text()

    assert "config.yaml" in text and "docs/operating.md#settings" in text


def test_the_queries_that_scale_workers_say_what_waits(postgres_database: Database, queues: Queues) -> None:
    (scaled,) = [found for found in objects("keda") if found["kind"] == "ScaledObject"]
    age, count = [trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"]]
    with postgres_database.write() as conn:
        newsroom = Newsroom(postgres_database, queues, add_site(conn, "The Herald"))

    def asked(query: str) -> float:
        with postgres_database.read() as conn:
            return float(conn.execute(sa.text(query)).scalar_one())

    assert (asked(age), asked(count)) == (0, 0)
    newsroom.post("One.", now=datetime.now(UTC) - timedelta(seconds=90))
    newsroom.post("Two.", now=datetime.now(UTC))

    assert 90 <= asked(age) < 120
    assert asked(count) == 2
    assert Lane.BULK.value in age

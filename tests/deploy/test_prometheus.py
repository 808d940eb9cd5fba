"""The dashboard and the rules: they name metrics that exist, and Prometheus' own tool understands and tests them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "gavel.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())
PAGE = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
PROMTOOL = shutil.which("promtool")


def expressions() -> list[str]:
    shown = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    return shown + [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]


def metrics_in(text: str) -> set[str]:
    """Without the endings that a histogram adds to its name."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bgavel_\w+", text)}


def test_every_metric_that_is_asked_for_exists() -> None:
    asked = metrics_in(" ".join(expressions()))

    assert asked <= metrics_in(PAGE)  # another test compares the page with the real metrics


def test_the_dashboard_shows_every_metric() -> None:
    shown = metrics_in(json.dumps([panel.get("targets") for panel in DASHBOARD["panels"]]))

    assert metrics_in(PAGE) - shown == set()


def test_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("rule", RULES["groups"][0]["rules"], ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_felt_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"] and rule["annotations"]["action"]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: apt-get install promtool)")
@pytest.mark.parametrize("command", ["check rules alerts.yaml", "test rules alerts.test.yaml"])
def test_promtool_agrees(command: str) -> None:
    assert PROMTOOL is not None
    ran = subprocess.run(
        [PROMTOOL, *command.split()], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr

"""``gavel compat`` against a live Gavel: what works for clients, and curves fitted to an archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.keys import Scope
from service.commands import cli
from service.compat.perspective.probes import PROBES
from service.context import utc_now
from tests.builders import OPERATOR
from tests.installed_clients import INSTALL_S
from tests.service.compat.clients.live import Live

pytestmark = pytest.mark.timeout(2 * INSTALL_S)
RUDE = ("You are an idiot, {}.", "Shut up, {}, you moron.", "{} is a disgusting liar and a fool.")
KIND = (
    "Thank you, {}.",
    "{} wrote a helpful answer.",
    "The ferry to {} runs all winter.",
    "I agree with {} on the fares.",
)
NAMES = ("Ana", "Ben", "Carla", "Dana", "Emil", "Finn", "Gil", "Hana", "Ida", "Jon")


def run(live: Live, *arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), env={**live.environ, "DATABASE_URL": live.database.url})


def test_every_call_of_a_client_works(live: Live) -> None:
    result = run(live, "compat", "check", "--perspective-key", live.key_with(Scope.SCORE), "--base-url", live.url)

    lines = result.output.splitlines()
    assert [line.split(": ")[1] for line in lines] == [probe.name for probe in PROBES]
    assert [line for line in lines if not line.startswith("works  perspective: ")] == []
    assert result.exit_code == 0


def test_a_wrong_key_is_found_out(live: Live) -> None:
    result = run(live, "compat", "check", "--perspective-key", "wrong", "--base-url", live.url)

    assert result.exit_code == 1
    assert "FAILS  perspective: key in the query: status 400 instead of 200" in result.output
    assert "works  perspective: discovery document" in result.output


def test_an_address_without_a_service_is_found_out(live: Live) -> None:
    result = run(live, "compat", "check", "--perspective-key", "x", "--base-url", "http://127.0.0.1:9")

    assert result.exit_code == 1
    assert "nothing answers there" in result.output


def test_without_a_key_nothing_is_tried(live: Live) -> None:
    result = run(live, "compat", "check")

    assert result.exit_code == 2
    assert "--perspective-key" in result.output


def test_a_curve_is_fitted_to_an_archive_shown_and_kept(live: Live, tmp_path: Path) -> None:
    site = sites.create_site(live.database, "Archive", by=OPERATOR, now=utc_now())
    rows = [
        (line.format(name), score) for lines, score in ((RUDE, 0.9), (KIND, 0.05)) for line in lines for name in NAMES
    ]
    file, svg = tmp_path / "archive.jsonl", tmp_path / "curves.svg"
    file.write_text("\n".join(json.dumps({"text": text, "TOXICITY": score}) for text, score in rows), encoding="utf-8")

    shown = run(live, "compat", "fit-scores", str(file), "--site", "Archive", "--dry-run", "--svg", str(svg))
    kept = run(live, "compat", "fit-scores", str(file), "--site", "Archive")

    assert shown.exit_code == kept.exit_code == 0, (shown.output, kept.output)
    assert "Nothing was kept." in shown.output
    assert "TOXICITY: 70 texts" in kept.output
    assert svg.read_text(encoding="utf-8").count("<polyline") == 1
    with live.database.read() as conn:
        points = store.get_site(conn, site.site.id).settings.perspective_score_maps["TOXICITY"]
    assert points[0] == (0.0, 0.0) and points[-1] == (1.0, 1.0)
    assert any(0.02 < theirs < 0.2 for _, theirs in points) and any(0.7 < theirs < 1 for _, theirs in points)

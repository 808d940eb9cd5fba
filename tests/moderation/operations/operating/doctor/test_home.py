"""The doctor, the folder, the models and the webhooks."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.ground.webhooks.sending import Sender
from moderation.operations.operating.doctor import home, models, webhooks
from moderation.operations.operating.doctor.findings import Level
from moderation.sites import sites
from service.context import utc_now
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.moderation.conftest import Newsroom, add_site
from tests.moderation.operations.operating.doctor.looking import only, wrong
from tests.service.bodies import settle
from workers.queue.delivery import Courier

BUNDLED = Path(__file__).parents[5] / "models" / "toxicity"


def test_a_closed_folder_is_well(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    assert wrong(home.check(Settings(gavel_home=tmp_path))) == []


def test_a_missing_folder_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    finding = only(home.check(Settings(gavel_home=tmp_path / "none")), Level.ERROR)

    assert f"mkdir -m 700 {tmp_path}/none" in finding.change
    assert not (tmp_path / "none").exists()


def test_a_folder_that_others_read_is_a_warning(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)

    assert only(home.check(Settings(gavel_home=tmp_path)), Level.WARNING).change == f"chmod -R go= {tmp_path}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_a_folder_of_another_user_is_a_warning(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    os.chown(tmp_path, 12345, 12345)

    assert f"{tmp_path} belongs to user 12345" in only(home.check(Settings(gavel_home=tmp_path)), Level.WARNING).found


def test_a_folder_where_nothing_can_be_written_is_an_error() -> None:
    found = home.check(Settings(gavel_home=Path("/proc/self")))

    assert "nothing can be written in /proc/self" in only(found, Level.ERROR).found


@pytest.mark.parametrize(
    ("free", "level"),
    [
        (home.TOO_LITTLE - 1, Level.ERROR),
        (home.TOO_LITTLE, Level.WARNING),
        (home.LITTLE - 1, Level.WARNING),
        (home.LITTLE, Level.OK),
    ],
)
def test_little_room_is_told_by_how_much_is_left(tmp_path: Path, free: int, level: Level) -> None:
    assert home.room(tmp_path, free).level is level


def test_bundled_models_load() -> None:
    found = models.check(Settings(), None)

    assert wrong(found) == []
    assert "bundled@" in found[0].found


def test_a_changed_file_of_a_model_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in json.loads((BUNDLED / "manifest.json").read_text())["files"]:
        shutil.copy(BUNDLED / name, tmp_path / name)
    shutil.copy(BUNDLED / "manifest.json", tmp_path)
    with (tmp_path / "model.int8.onnx").open("r+b") as weights:
        weights.seek(1000)
        weights.write(b"\0changed\0")
    monkeypatch.setenv("TOXICITY_MODEL", str(tmp_path))
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))

    finding = only(models.check(Settings(toxicity_model=str(tmp_path)), None), Level.ERROR)

    assert "the sha256 differs" in finding.found
    assert f"TOXICITY_MODEL={tmp_path}" in finding.change


def test_a_database_without_a_site_asks_for_one(database: Database) -> None:
    assert only(webhooks.check(Settings(), database), Level.WARNING).change.startswith("gavel site create")


def test_a_site_without_a_webhook_is_well(database: Database) -> None:
    sites.create_site(database, "Daily", by=OPERATOR, now=utc_now())

    assert wrong(webhooks.check(Settings(), database)) == []


def test_a_delivery_that_failed_is_a_warning(database: Database, queues: Queues) -> None:
    url = f"http://127.0.0.1:{free_port()}/in"
    with database.write() as conn:
        newsroom = Newsroom(database, queues, add_site(conn, "Daily", webhook_url=url, webhook_secret="whsec_eA=="))
    newsroom.post("One.", id="c-1")
    settle(database, newsroom.site.id, "c-1")
    assert Courier(database, Sender(deadline_s=2, allow_private=True)).deliver(newsroom.site.id).taken == 0

    finding = only(webhooks.check(Settings(webhook_allow_private=True), database), Level.WARNING)

    assert finding.found.startswith("Daily: the last attempt, on ")
    assert "refused" in finding.found


@pytest.mark.parametrize(
    ("url", "why"),
    [("https://nowhere.invalid/in", "no address is known for nowhere.invalid"), ("http://localhost:9/in", "private")],
)
def test_a_webhook_that_leads_nowhere_is_an_error(database: Database, url: str, why: str) -> None:
    with database.write() as conn:  # as an earlier version, or a demo, could have kept it
        add_site(conn, "Daily", webhook_url=url, webhook_secret="whsec_eA==")

    finding = only(webhooks.check(Settings(), database), Level.ERROR)

    assert why in finding.found and finding.found.startswith("Daily: ")
    assert finding.change.startswith('gavel site set "Daily" --webhook-url')

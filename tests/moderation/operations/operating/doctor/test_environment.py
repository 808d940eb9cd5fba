"""The doctor and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.operations.operating.doctor import environment
from moderation.operations.operating.doctor.findings import Level
from tests.moderation.operations.operating.doctor.looking import only, wrong


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    found = environment.check({"PORT": "eight", "LOG_LEVEL": "LOUD", "REDIS_URL_FILE": str(tmp_path / "none")})

    assert {finding.level for finding in found} == {Level.ERROR}
    assert sorted(finding.found.partition(":")[0] for finding in found) == ["LOG_LEVEL", "PORT", "REDIS_URL_FILE"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("DATABASE_URI", "DATABASE_URL"), ("REDIS_URLS", "REDIS_URL"), ("WEB_PROCESS", "WEB_PROCESSES")],
)
def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(written: str, meant: str) -> None:
    finding = only(environment.check({written: "x"}), Level.WARNING)

    assert finding.found.startswith(f"{written} is no setting")
    assert finding.change.startswith(f"{meant}=")


def test_what_others_put_into_the_environment_is_none_of_ours() -> None:
    usual = {"PATH": "/bin", "HOME": "/root", "HOSTNAME": "web-1", "LANG": "C", "DATABASE_URL_FILE": "/dev/null"}

    assert wrong(environment.check(usual)) == []


def test_a_password_out_of_an_example_is_an_error_that_does_not_show_it() -> None:
    finding = only(environment.check({"REDIS_URL": "redis://:replace-me@127.0.0.1/0"}), Level.ERROR)

    assert finding.found.startswith("REDIS_URL: ") and finding.change.startswith("REDIS_URL=")
    assert "replace-me" not in finding.found + finding.change


@pytest.mark.parametrize("name", ["GAVEL_DEMO", "WEBHOOK_ALLOW_PRIVATE"])
def test_what_belongs_in_no_production_is_a_warning(name: str) -> None:
    finding = only(environment.check({name: "yes"}), Level.WARNING)

    assert finding.change == f"{name}=no"

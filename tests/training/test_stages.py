"""A stage that is finished is taken as it is, and one that was cut off is trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.__main__ import FIRST, Stages
from training.loop.sitting import RESUME
from training.rows.dataset import Rows
from training.toxicity.stage import CHECKPOINT


class AskedForRows(Exception):
    pass


def rows() -> Rows:
    raise AskedForRows


def test_rows_are_made_only_for_a_stage_that_is_not_finished(tmp_path: Path) -> None:
    stages, folder = Stages(tmp_path, processes=1, minutes=None), tmp_path / "stage3"
    with pytest.raises(AskedForRows):
        stages.checkpoint(3, rows, FIRST)
    folder.mkdir(exist_ok=True)
    (folder / CHECKPOINT).write_bytes(b"weights")

    assert stages.checkpoint(3, rows, FIRST) == folder / CHECKPOINT

    (folder / RESUME).write_bytes(b"state")
    with pytest.raises(AskedForRows):
        stages.checkpoint(3, rows, FIRST)

"""The arithmetic of the benches, and the form of their reports."""

from __future__ import annotations

import gc
import json
import math
import os
import random
from pathlib import Path

import pytest

from bench import Result, Slope, keep, percentile, ratio, slope
from bench.__main__ import MEASUREMENTS, main
from bench.census import census


def is_clear(rise: Slope) -> bool:
    """Beyond three standard errors."""
    return abs(rise.per_unit) > 3 * rise.error


def test_a_straight_line_has_its_slope_and_no_error() -> None:
    found = slope([0, 1, 2, 3], [5, 7, 9, 11])

    assert found is not None
    assert found.per_unit == pytest.approx(2)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert is_clear(found)


def test_noise_around_a_level_has_no_clear_slope() -> None:
    dice = random.Random(1)
    minutes = [n / 6 for n in range(360)]

    found = slope(minutes, [1_000 + dice.gauss(0, 50) for _ in minutes])
    leaking = slope(minutes, [1_000 + 10 * m + dice.gauss(0, 50) for m in minutes])

    assert found is not None
    assert leaking is not None
    assert not is_clear(found)
    assert is_clear(leaking)
    assert leaking.per_unit == pytest.approx(10, abs=3 * leaking.error)


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0], [1.0, 1.0, 1.0]])
def test_too_few_points_have_no_slope(x: list[float]) -> None:
    assert slope(x, x) is None


def test_percentiles_and_ratios_of_nothing_are_said_to_be_nothing() -> None:
    assert math.isnan(percentile([], 0.5))
    assert percentile([1, 2, 3, 4], 1) == 4
    assert ratio(1, 0) == ratio(math.nan, 1) == "–"
    assert ratio(3, 2) == "1.50"


def test_a_result_is_a_table_for_people_and_a_file_for_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = Result("tea", ("cup", "ml"), [["small", "150"]], ["poured once"], {"ml": 150.25}, ["1 cup spilt"])

    path = keep(result, tmp_path)

    printed = capsys.readouterr().out
    assert "| cup | ml |\n| --- | ---: |\n| small | 150 |" in printed
    assert "FAILED: 1 cup spilt" in printed
    said = json.loads(path.read_text())
    assert (said["ml"], said["failed"]) == (150.25, ["1 cup spilt"])


def test_a_census_tells_what_this_process_holds() -> None:
    gc.collect()  # what earlier tests left open is closed now and not in between
    before = census(os.getpid())
    held = [Path(os.devnull).open() for _ in range(25)]  # noqa: SIM115
    after = census(os.getpid())
    for each in held:
        each.close()

    more = {name: after[name].descriptors - before[name].descriptors for name in before if name in after}
    (name,) = (name for name, count in more.items() if count == 25)  # beside servers that other tests have started
    assert after[name].memory_kib > 1_000
    assert after[name].threads >= 1


@pytest.mark.parametrize("name", sorted(MEASUREMENTS))
def test_every_bench_explains_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert "--out" in capsys.readouterr().out

"""A sitting takes its steps in processes that share the weights, ends in time, and goes on where it was cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from training.loop.sitting import LOG, RESUME, Common, Settings, Sitting, learning_rate_at, save_state

PARTS = 4


class Adding(Sitting):
    """Learns that the sum of four numbers is wanted, each part of a step from numbers of its own."""

    def __init__(self, out: Path, settings: Settings, steps: float = 60) -> None:
        torch.manual_seed(1)
        self.model = torch.nn.Linear(4, 1)
        super().__init__(self.model, out, settings, steps)

    def learn(self, step: int, number: int, common: Common) -> float:
        found = 0.0
        for part in common.parts(PARTS):
            given = torch.randn(8, 4, generator=torch.Generator().manual_seed(step * PARTS + part))
            loss = (self.model(given) - given.sum(dim=1, keepdim=True)).square().mean() / PARTS
            loss.backward()
            found += float(loss.detach())
        return found

    def write(self) -> None:
        save_state(self.model, self.out / "model.pt")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def weights(out: Path) -> torch.Tensor:
    found: torch.Tensor = torch.load(out / "model.pt", weights_only=True)["weight"]
    return found


def test_it_learns_and_tells_how_far_it_is(tmp_path: Path) -> None:
    Adding(tmp_path, Settings(0.05, weight_decay=0.0)).run()

    torch.testing.assert_close(weights(tmp_path), torch.ones(1, 4), atol=0.2, rtol=0)
    told = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert [(one["step"], one["done"]) for one in told] == [(20, 0.3333), (40, 0.6667), (60, 1.0)]
    assert told[0]["loss"] > told[-1]["loss"]


def test_as_many_processes_as_one_learn_the_same(tmp_path: Path) -> None:
    for processes in (1, 3):
        Adding(tmp_path / str(processes), Settings(0.05, processes=processes)).run()

    torch.testing.assert_close(weights(tmp_path / "1"), weights(tmp_path / "3"), atol=1e-3, rtol=1e-3)


def test_begun_again_it_goes_on_at_its_checkpoint(tmp_path: Path) -> None:
    settings = Settings(0.05, save_every=20)
    Adding(tmp_path, settings, steps=20).run()

    again = Adding(tmp_path, settings)

    assert again.first == 20
    again.run()
    assert Adding(tmp_path, settings).first == 60


def test_it_ends_with_the_clock(tmp_path: Path) -> None:
    Adding(tmp_path, Settings(0.05, minutes=0.01), steps=1e9).run()

    assert Adding(tmp_path, Settings(0.05), steps=1e9).first > 0
    assert weights(tmp_path).shape == (1, 4)
    late = Adding(tmp_path / "late", Settings(0.05, minutes=1e-9))
    late.run()
    assert not (tmp_path / "late" / RESUME).exists()


@pytest.mark.parametrize("minutes", [None, 0])
def test_a_sitting_without_an_end_is_refused(tmp_path: Path, minutes: float | None) -> None:
    with pytest.raises(ValueError, match="needs a number of steps, or minutes"):
        Adding(tmp_path, Settings(0.05, minutes), steps=float("inf"))


def test_an_error_in_a_process_ends_it(tmp_path: Path) -> None:
    """The other one would wait for it at every step."""

    class Failing(Adding):
        def learn(self, step: int, number: int, common: Common) -> float:
            if (step, number) == (3, 1):
                raise ArithmeticError
            return super().learn(step, number, common)

    with pytest.raises(RuntimeError, match="ended with an error"):
        Failing(tmp_path, Settings(0.05)).run()


@pytest.mark.parametrize(("done", "expected"), [(0.0, 0.0), (0.03, 0.5), (0.06, 1.0), (0.53, 0.5), (1.0, 0.0)])
def test_the_learning_rate_rises_and_falls(done: float, expected: float) -> None:
    assert learning_rate_at(done, highest=1.0, warm_up=0.06) == pytest.approx(expected)

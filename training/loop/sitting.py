"""A sitting of training: processes that share the weights of a model take its steps together.

It writes the weights, and all that it needs to go on, every few hundred steps: cut off and begun again, it goes on
there. The learning rate rises and falls once over all steps or, with minutes alone, once each time it is begun.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path

import torch

from training.loop.shared import SharedAdamW, SharedWeights, join_all

RESUME, LOG = "resume.pt", "log.jsonl"
TELL_EVERY = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """A sitting that has minutes ends with them, though steps are left: the learning rate falls with the clock where
    that is ahead of the steps."""

    learning_rate: float
    minutes: float | None = None
    warm_up: float = 0.06
    weight_decay: float = 0.01
    processes: int = 2
    save_every: int = 100
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Common:
    """Shared by the processes beside the weights: the next part, the loss of this step, the share that is over."""

    barrier: Barrier
    taken: Synchronized[int]
    loss: Synchronized[float]
    done: Synchronized[float]
    parent: int

    def parts(self, count: int) -> Iterator[int]:
        """The parts of a step that this process takes: whichever is free takes the next, so that none waits long."""
        while True:
            with self.taken.get_lock():
                part = self.taken.value
                self.taken.value += 1
            if part >= count:
                return
            yield part


class Sitting(ABC):
    """The loop. Set PyTorch to one thread before anything runs in the model: threads do not survive a fork."""

    def __init__(self, model: torch.nn.Module, out: Path, settings: Settings, steps: float = math.inf) -> None:
        """Goes on from what ``out`` has. Raises ValueError without steps and minutes: it would never end."""
        if math.isinf(steps) and not settings.minutes:
            raise ValueError("a sitting needs a number of steps, or minutes")
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.settings, self.steps = out, settings, steps
        self.shared = SharedWeights(model, settings.processes)
        self.first = self.shared.load(out / RESUME) if (out / RESUME).exists() else 0
        self.started = time.monotonic()

    @abstractmethod
    def learn(self, step: int, number: int, common: Common) -> float:
        """Adds the gradients of the process of this number in a step. Returns its part of the step's loss."""

    @abstractmethod
    def write(self) -> None:
        """Writes the model as it is now into ``out``."""

    def run(self) -> None:
        """All steps that are left. Raises RuntimeError if a process ends with an error."""
        context = multiprocessing.get_context("fork")
        barrier, done = context.Barrier(self.settings.processes), context.Value("d", self.done(self.first))
        common = Common(barrier, context.Value("i", 0), context.Value("d", 0.0), done, os.getpid())
        members = [context.Process(target=self._go, args=(n, common)) for n in range(self.settings.processes)]
        for member in members:
            member.start()
        join_all(members, barrier)

    def end(self) -> None:
        """Marks the sitting as finished: nothing is left that it would go on from."""
        self.write()
        (self.out / RESUME).unlink(missing_ok=True)

    def rate(self, step: int, done: float) -> float:  # noqa: ARG002
        """The learning rate of a step, at which ``done`` is the share of the sitting that is over."""
        return learning_rate_at(done, self.settings.learning_rate, self.settings.warm_up)

    def done(self, step: int) -> float:
        """The share that is over at this step, by steps or by the clock, whichever is ahead."""
        by_clock = self.elapsed_s / (60 * self.settings.minutes) if self.settings.minutes else 0.0
        return 1.0 if step >= self.steps else min(1.0, max(step / self.steps, by_clock))

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started

    def _go(self, number: int, common: Common) -> None:
        """The work of one process, from the first step to the last."""
        gradients = self.shared.use_gradients_of(number)
        optimiser = SharedAdamW(self.shared, number, common.barrier, self.settings.weight_decay)
        optimiser.start_at(self.first)
        step, smooth_loss, begun = self.first, math.nan, common.done.value
        while common.done.value < 1:
            gradients.zero_()
            loss = self.learn(step, number, common)
            with common.loss.get_lock():
                common.loss.value += loss
            optimiser.step(self.rate(step, common.done.value))
            step += 1
            if number == 0:
                loss = common.loss.value
                smooth_loss = loss if math.isnan(smooth_loss) else 0.98 * smooth_loss + 0.02 * loss
                common.taken.value, common.loss.value, common.done.value = 0, 0.0, self.done(step)
                self._tell(step, common.done.value, begun, smooth_loss)
                self._keep(step, over=common.done.value >= 1)
                if os.getppid() != common.parent:  # nobody would end the others
                    common.done.value = 1.0
            common.barrier.wait()

    def _keep(self, step: int, *, over: bool) -> None:
        if over or step % self.settings.save_every == 0:
            self.write()
            self.shared.save(self.out / RESUME, step)

    def _tell(self, step: int, done: float, begun: float, smooth_loss: float) -> None:
        """A line on the terminal and one in the log every twenty steps, and at the end."""
        if step % TELL_EVERY and done < 1:
            return
        left_s = self.elapsed_s * (1 - done) / max(done - begun, 1e-9)
        said = f"step {step}  {done:.1%}  loss {smooth_loss:.4f}  {self.elapsed_s:.0f} s, {left_s:.0f} s left"
        print(said, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        entry = {"step": step, "done": round(done, 4), "loss": round(smooth_loss, 5)}
        with (self.out / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps({**entry, "elapsed_s": round(self.elapsed_s, 1)}) + "\n")


def is_finished(out: Path, result: str) -> bool:
    """Whether a folder has this result, and not one from half-way."""
    return (out / result).exists() and not (out / RESUME).exists()


def learning_rate_at(done: float, highest: float, warm_up: float) -> float:
    """Linear warm-up, then linear decay to zero; ``done`` is the share of the sitting that is over."""
    return highest * max(0.0, min(done / warm_up, (1.0 - done) / (1.0 - warm_up)))


def save_state(model: torch.nn.Module, path: Path) -> None:
    """The weights, by name. The file appears whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(model.state_dict(), partial)
    partial.replace(path)

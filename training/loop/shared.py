"""Weights, gradients and AdamW moments in shared memory, so that single-threaded processes train one model together.

On a busy machine this is much faster than one process with many threads: those wait for each other at every
operation, these three times a step.
"""

from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import torch

BETAS = (0.9, 0.999)
EPSILON = 1e-8
MAX_NORM = 1.0


class SharedWeights:
    """One flat vector each for weights and moments, and one for the gradients of every process."""

    def __init__(self, model: torch.nn.Module, processes: int) -> None:
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        size = sum(parameter.numel() for parameter in self.parameters)
        self.weights = torch.zeros(size).share_memory_()
        self.mean = torch.zeros(size).share_memory_()
        self.square = torch.zeros(size).share_memory_()
        self.gradients = torch.zeros(processes, size).share_memory_()
        self.norms = torch.zeros(processes).share_memory_()
        place = 0
        for parameter in self.parameters:
            view = self.weights[place : place + parameter.numel()].view_as(parameter)
            view.copy_(parameter.detach())
            parameter.data = view
            place += parameter.numel()

    def use_gradients_of(self, process: int) -> torch.Tensor:
        """Make the model of this process add its gradients to the shared row of that number, which is returned."""
        row: torch.Tensor = self.gradients[process]
        place = 0
        for parameter in self.parameters:
            parameter.grad = row[place : place + parameter.numel()].view_as(parameter)
            place += parameter.numel()
        return row

    def save(self, path: Path, step: int) -> None:
        """Write everything that a later run needs to continue from this step; the file appears whole or not at all."""
        partial = path.with_suffix(".partial")
        state = {"weights": self.weights, "mean": self.mean, "square": self.square}
        torch.save({name: vector.clone() for name, vector in state.items()} | {"step": step}, partial)
        partial.replace(path)

    def load(self, path: Path) -> int:
        """Take over what `save` wrote, and return its step."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        for vector, name in ((self.weights, "weights"), (self.mean, "mean"), (self.square, "square")):
            vector.copy_(state[name])
        return int(state["step"])


class SharedAdamW:
    """AdamW in which each process updates its own slice of the weights from the gradients of all."""

    def __init__(self, shared: SharedWeights, process: int, barrier: Barrier, weight_decay: float) -> None:
        processes, size = shared.gradients.shape
        edges = [size * place // processes for place in range(processes + 1)]
        self.slice = slice(edges[process], edges[process + 1])
        self.shared, self.process, self.barrier = shared, process, barrier
        self.parameter = torch.nn.Parameter(shared.weights[self.slice])
        self.adamw = torch.optim.AdamW(
            [self.parameter], lr=0.0, betas=BETAS, eps=EPSILON, weight_decay=weight_decay, fused=True
        )

    def start_at(self, step: int) -> None:
        """Use the shared moments, as they are after that many steps."""
        self.adamw.state[self.parameter] = {
            "step": torch.tensor(float(step)),
            "exp_avg": self.shared.mean[self.slice],
            "exp_avg_sq": self.shared.square[self.slice],
        }

    def step(self, learning_rate: float) -> None:
        """Wait for the gradients of all, clip them by their common norm, update the own slice, wait for all again."""
        self.barrier.wait()
        gradient = self.shared.gradients[:, self.slice].sum(dim=0)
        self.shared.norms[self.process] = gradient.square().sum()
        self.barrier.wait()
        norm = float(self.shared.norms.sum().sqrt())
        self.parameter.grad = gradient.mul_(min(1.0, MAX_NORM / (norm + 1e-6)))
        self.adamw.param_groups[0]["lr"] = learning_rate
        self.adamw.step()
        self.barrier.wait()


def join_all(processes: list[ForkProcess], barrier: Barrier) -> None:
    """Wait for the processes, and let none wait for one that has died.

    Raises:
        RuntimeError: a process ended with an error.
    """
    while any(process.is_alive() for process in processes):
        for process in processes:
            process.join(timeout=0.5)
        if any(process.exitcode for process in processes):
            barrier.abort()
    if any(process.exitcode for process in processes):
        raise RuntimeError("a training process ended with an error, shown above")

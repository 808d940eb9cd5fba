"""Average the weights of several checkpoints: the mean often keeps a gain that another stage lost."""

from pathlib import Path

import torch

from training.loop.checkpoint import model_from, write_checkpoint


def average(checkpoints: tuple[Path, ...], out: Path) -> Path:
    """Write the mean of the weights, which must come from one line of training."""
    models = [model_from(path) for path in checkpoints]
    with torch.no_grad():
        for together in zip(*(model.parameters() for model in models), strict=True):
            together[0].copy_(torch.stack(list(together)).mean(dim=0))
    write_checkpoint(models[0], out)
    return out

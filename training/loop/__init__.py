"""The loop of training, which all weights share: sittings, batches, checkpoints and fits."""

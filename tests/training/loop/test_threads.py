"""Each test process multiplies matrices in one thread, and so do the processes that it starts."""

from __future__ import annotations

import json
import subprocess
import sys

import threadpoolctl  # type: ignore[import-untyped]

POOLS = """
import json, scipy.linalg, torch, threadpoolctl
print(json.dumps([[pool["internal_api"], pool["num_threads"]] for pool in threadpoolctl.threadpool_info()]))
"""


def test_matrices_and_torch_use_one_thread_here() -> None:
    import scipy.linalg  # noqa: F401
    import torch

    pools = threadpoolctl.threadpool_info()

    assert {"openblas", "openmp"} <= {pool["internal_api"] for pool in pools}
    assert {pool["num_threads"] for pool in pools} == {1}
    assert torch.get_num_threads() == 1


def test_a_process_that_a_test_starts_uses_one_thread_too() -> None:
    started = subprocess.run([sys.executable, "-c", POOLS], capture_output=True, check=True, text=True)

    pools = dict(json.loads(started.stdout))

    assert {"openblas", "openmp"} <= pools.keys()
    assert set(pools.values()) == {1}

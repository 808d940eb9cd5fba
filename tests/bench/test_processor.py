"""The processor's time and the memory of processes, as the benches read them."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from bench.memory import _memory_of, served_mib
from bench.plant import process_s, tree_s
from workers.scoring.engines.weights import ONNX_FILE, ModelFolders

WORKS = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\ninput()"


def test_the_time_of_a_process_is_its_own() -> None:
    assert process_s(os.getpid()) == pytest.approx(time.process_time(), abs=0.05)


def test_the_time_of_a_tree_has_that_of_running_children() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()  # it has worked

        alone, together = process_s(os.getpid()), tree_s(os.getpid())
        child.communicate(b"\n")

    assert together - alone > 0.15


def test_memory_is_private_or_shared() -> None:
    held = _memory_of(os.getpid(), 1.0)

    assert 0 < held.private <= held.proportional <= held.private + held.shared
    assert held.start_s == 1.0


def test_only_files_that_a_worker_opens_count_as_served() -> None:
    sizes = served_mib()
    graph = (ModelFolders.of(None, None).models / "toxicity" / ONNX_FILE).stat().st_size / 2**20

    assert set(sizes) == {"multilingual", "spam", "toxicity"}
    assert graph < sizes["toxicity"] < graph + 3  # the checkpoint alone has 43 MiB

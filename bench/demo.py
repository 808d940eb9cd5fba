"""Wall time of ``./run.sh demo --exit`` with the packages installed, and the size of its largest process."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time

from bench.plant import ROOT, free_port
from bench.report import Result

WITHIN_S = 300.0


def measure() -> Result:
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as home:
        ports = {"PORT": str(free_port()), "NEWSROOM_PORT": str(free_port()), "GAVEL_HOME": home}
        started = time.perf_counter()
        command = ["bash", "run.sh", "demo", "--exit"]
        environ = {**os.environ, **ports}
        subprocess.run(command, cwd=ROOT, check=True, env=environ, stdout=subprocess.DEVNULL, timeout=WITHIN_S)
        took = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = [["demo --exit", f"{took:.0f}", f"{peak_mib:.0f}"]]
    return Result("demo", ("what", "s", "largest process MiB"), rows, values={"seconds": took, "peak_mib": peak_mib})

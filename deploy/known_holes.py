"""Tells what pip-audit found: ``./run.sh audit`` hands its report over, and its log where there is no report.

The exit code is 0 when nothing known is installed, 1 when something is, and 2 when nothing was looked up.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NOTHING_KNOWN, KNOWN, NOT_LOOKED_UP = 0, 1, 2


def main(argv: Sequence[str]) -> int:
    report, log = map(Path, argv)
    try:
        packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, KeyError):
        print(f"run.sh: the advisories could not be read, so nothing was looked up{_last_line(log)}", file=sys.stderr)
        return NOT_LOOKED_UP
    return tell(packages)


def tell(packages: Sequence[dict[str, Any]]) -> int:
    """A package that the index does not know is named: about it nothing is known either way. When those are most of
    them, it was no index that was asked."""
    holes = [(package, hole) for package in packages for hole in package.get("vulns", ())]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    looked_up = len(packages) - len(unknown)
    for package, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {hole['id']}, fixed in {fixed}")
    if looked_up <= len(unknown):
        told = f"it knows {looked_up} of {len(packages)} packages"
        print(f"run.sh: what answered is no index of advisories ({told}), so nothing was looked up", file=sys.stderr)
        return NOT_LOOKED_UP
    if unknown:
        print(f"not looked up, because the index does not have them: {', '.join(unknown)}")
    print(f"{looked_up} packages looked up, {len(holes)} known holes")
    return KNOWN if holes else NOTHING_KNOWN


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return f": {lines[-1].strip()[:300]}" if lines else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

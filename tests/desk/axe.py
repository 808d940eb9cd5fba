"""Faults of a page, as axe finds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.desk.conftest import Screen

AXE = Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js"


def violations(at: Screen, where: str, looks_for: Mapping[str, object] | None = None) -> list[str]:
    at.page.evaluate(AXE.read_text(encoding="utf-8"))
    result = at.page.evaluate("asked => axe.run(document, asked)", {"resultTypes": ["violations"], **(looks_for or {})})
    width = at.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    told = [f"{where}: scrolls sideways by {width} px"] if width > 0 else []
    return told + [
        f"{where}: {v['id']}: {json.dumps([n['target'] for n in v['nodes']][:3])}" for v in result["violations"]
    ]

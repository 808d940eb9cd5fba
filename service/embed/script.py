"""The box's script: its parts and its style as one file, made once in each process, with the hash by which a page can
insist on these very bytes (https://www.w3.org/TR/SRI/)."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.embed import minifying

FOLDER = Path(__file__).parent / "script"
PARTS = (
    *("opening", "elements", "calls", "reader", "words", "drafts", "writing", "comment"),
    *("box", "counts", "start"),
)  # in the order in which they need one another


@dataclass(frozen=True, slots=True)
class Script:
    """``packed`` is the same in gzip."""

    plain: bytes
    packed: bytes
    version: str
    integrity: str


def own_names() -> frozenset[str]:
    """Functions and fields of the script's own: no browser, no answer and no page names any of them."""
    return frozenset((FOLDER / "own_names.txt").read_text(encoding="utf-8").split())


@cache  # minifying and packing takes 13 ms, measured
def built() -> Script:
    """The script as pages get it."""
    style = minifying.style((FOLDER / "box.css").read_text(encoding="utf-8"))
    parts = [(FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS]
    source = "\n".join((parts[0], f"const STYLE = {json.dumps(style)};", *parts[1:]))
    plain = f'(()=>{{"use strict";{minifying.script(source, own_names())}}})();\n'.encode()
    digest = hashlib.sha384(plain).digest()
    integrity = f"sha384-{base64.b64encode(digest).decode()}"
    return Script(plain, gzip.compress(plain, 9, mtime=0), digest.hex()[:16], integrity)

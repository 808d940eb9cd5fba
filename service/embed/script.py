"""The box's script as pages get it, with the hash by which a page can insist on these very bytes
(https://www.w3.org/TR/SRI/). ``./run.sh box`` makes it from the parts and the style in ``script/``."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moderation.ground.wording.sentences import LANGUAGES, ours

FOLDER = Path(__file__).parent / "script"
BUILT = Path(__file__).parent / "built"
PARTS = (
    *("opening", "elements", "calls", "reader", "words", "drafts", "writing", "comment"),
    *("box", "counts", "start"),
)  # in the order in which they need one another
SPARE = ("away", "again")
"""The sentences that the script has in it, in all languages, for a day on which Gavel gives none."""


@dataclass(frozen=True, slots=True)
class Script:
    """``packed`` is the same in gzip."""

    plain: bytes
    packed: bytes
    version: str
    integrity: str


@cache  # packing takes 3 ms
def built() -> Script:
    """The script as pages get it."""
    plain = (BUILT / "box.js").read_bytes()
    digest = hashlib.sha384(plain).digest()
    integrity = f"sha384-{base64.b64encode(digest).decode()}"
    return Script(plain, gzip.compress(plain, 9, mtime=0), digest.hex()[:16], integrity)


def assembled(style: str) -> str:
    """All parts as one script, with the style and the spare sentences as constants in it."""
    first, *rest = ((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    spare = json.dumps({code: {id: ours(code)[id] for id in SPARE} for code in LANGUAGES}, ensure_ascii=False)
    parts = "\n".join((first, f"const STYLE = {json.dumps(style)};", f"const SPARE = {spare};", *rest))
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def style() -> str:
    return (FOLDER / "box.css").read_text(encoding="utf-8")


def source_digest() -> str:
    """Changes with each change of a part or of the style: the built script notes the one that it was made from."""
    return hashlib.sha256(assembled(style()).encode()).hexdigest()

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
    *("opening", "elements", "calls", "reader", "words", "drafts", "writing", "texts", "comment"),
    *("box", "counts", "start"),
)  # in the order in which they need one another
LATER_PARTS = ("opening", "forms", "own", "reporting", "advising", "moderating", "counting", "picking", "ending")
SPARE = ("away", "again")
"""The sentences that the script has in it, in all languages, for a day on which Gavel gives none."""


@dataclass(frozen=True, slots=True)
class Script:
    """``packed`` is the same in gzip."""

    plain: bytes
    packed: bytes
    version: str
    integrity: str


def built() -> Script:
    """The script as pages get it."""
    return _packed("box.js")


def later() -> Script:
    """The module that the script asks for when a reader needs it."""
    return _packed("later.js")


@cache  # packing takes 3 ms
def _packed(name: str) -> Script:
    plain = (BUILT / name).read_bytes()
    digest = hashlib.sha384(plain).digest()
    integrity = f"sha384-{base64.b64encode(digest).decode()}"
    return Script(plain, gzip.compress(plain, 9, mtime=0), digest.hex()[:16], integrity)


def assembled_later() -> str:
    return "\n".join((FOLDER / "later" / f"{part}.js").read_text(encoding="utf-8") for part in LATER_PARTS)


def assembled(style: str, later: Script) -> str:
    """All parts as one script, with the style, the spare sentences and the later module's hash as constants in it."""
    first, *rest = ((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    spare = json.dumps({code: {id: ours(code)[id] for id in SPARE} for code in LANGUAGES}, ensure_ascii=False)
    hashes = json.dumps({"version": later.version, "integrity": later.integrity})
    parts = "\n".join(
        (first, f"const STYLE = {json.dumps(style)};", f"const SPARE = {spare};", f"const LATER = {hashes};", *rest)
    )
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def style() -> str:
    return (FOLDER / "box.css").read_text(encoding="utf-8")


def source_digest() -> str:
    """Changes with each change of a part or of the style: the built script notes the one that it was made from."""
    return hashlib.sha256(f"{assembled_later()}{assembled(style(), later())}".encode()).hexdigest()

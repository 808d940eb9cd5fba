"""A fingerprint that two nearly equal texts share in most of its parts, so that a database finds copies by equality."""

from __future__ import annotations

import hashlib
import re
import struct
from itertools import pairwise

from moderation.text.folding import searched
from moderation.text.splitting import UNSPACED

PARTS = 8
PART_BITS = 8
BANDS = 4  # each of two parts: one alone is so common that a database would find strangers by the thousand
BAND_BITS = 16
MIN_EQUAL_PARTS = 6
MIN_WORDS = 6  # "So true!" repeats innocently

_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_UNSPACED_SIGN = re.compile(f"[{UNSPACED}]")
_LINK = re.compile(r"(?:https?://|hxxps?://|www\.)\S+")
_DIGITS = re.compile(r"\d+")


def fingerprint(text: str) -> int | None:
    """64 bits that fit a signed database integer, or None for a text under six words, where a script without spaces
    counts two characters as a word. Case, punctuation, invisible characters, links and numbers make no difference.

    Each of the eight parts is a MinHash over pairs of neighbouring words (Broder 1997), so the chance that a part
    agrees is the share of pairs that two texts have in common. SimHash suits long documents: one changed word in a
    comment of twenty turns some eight of its 64 bits, and then most often none of four bands stays whole.
    """
    words = _words(text)
    if len(words) - sum(map(_is_unspaced, words)) / 2 < MIN_WORDS:
        return None
    pairs = {f"{left} {right}" for left, right in pairwise(words)}
    hashes = [hashlib.blake2b(pair.encode("utf-8", "replace"), digest_size=8 * PARTS).digest() for pair in pairs]
    numbers = struct.unpack(f">{PARTS * len(hashes)}Q", b"".join(hashes))
    value = 0
    for part in range(PARTS):
        value |= (min(numbers[part::PARTS]) & 0xFF) << PART_BITS * part
    return value - (1 << 64) if value >> 63 else value


def bands(fingerprint: int) -> tuple[int, ...]:
    """Four whole numbers, each a band's position and its 16 bits in one: equality in one column finds candidates.

    Two near copies have at least two bands in common, since two parts at most differ.
    """
    return tuple(band << BAND_BITS | fingerprint >> BAND_BITS * band & 0xFFFF for band in range(BANDS))


def is_near_copy(a: int, b: int) -> bool:
    """Whether six of eight parts agree. Measured on 12,000 comments: 87 of 100 copies with one word of twenty changed
    and 98 of 100 with one of forty are seen, and of 72 million pairs of strangers 4 are taken for copies."""
    differing = a ^ b
    return sum(not differing >> PART_BITS * part & 0xFF for part in range(PARTS)) >= MIN_EQUAL_PARTS


def _words(text: str) -> list[str]:
    folded = _LINK.sub(" link ", searched(text)[0].text)
    return _WORD.findall(_DIGITS.sub("0", folded))


def _is_unspaced(word: str) -> bool:
    return _UNSPACED_SIGN.match(word) is not None

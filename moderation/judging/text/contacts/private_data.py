"""Finds private data about somebody else: where a person lives, a number plate, a private telephone number or e-mail.

The words around decide. An authority's, a newsroom's, a shop's or a help line's does not count, nor the writer's own,
nor a street in a report. In doubt nothing is found. Every pattern looks a bounded way ahead, so the cost grows with the
text's length alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from moderation.judging.text.contacts.private_words import (
    HOME,
    KNOWN_ADDRESSES,
    OF_A_PERSON,
    OWN,
    PLATE_OR_CAR,
    PLATE_WORDS,
    PRIVATE_MAIL_DOMAINS,
    PUBLIC,
    PUBLIC_MAILBOXES,
    PUBLIC_NUMBERS,
)
from moderation.judging.text.rewritten_text import Copy

Place = tuple[int, int]
MOST = 200  # of each form in one text
BEFORE, AFTER, NEAR = 80, 50, 30  # characters around a place that say whose it is
_NAMED = re.compile(
    r"(?:[^\W\d_a-z]|[A-Z])[\w'’-]{1,20}\s(?:(?:de|van|von|da|del|di|le|la)\s)?[A-ZÀ-Þ][\w'’-]{1,24}[\s,:;–-]{1,3}$"
)
_MOBILE = re.compile(r"(?:\+?44|0)7[1-9]\d{8}$|(?:\+?49|0)1[567]\d{8,9}$|(?:\+?33|0)[67]\d{8}$|\+?34[67]\d{8}$|"
                     r"(?:\+?39)?3[2-9]\d{8}$|(?:\+?31|0)6\d{8}$")  # fmt: skip

_WORD = r"[^\W\d_](?:[\w'’.-]{0,19}[\w'’])?"
_NUMBER = r"\d{1,5}\s?[a-z]?(?!\w)"
_STREETS = (
    # Elm Close, North Quincy Street: Britain and the Americas
    rf"(?<![\w.,/-])\d{{1,5}}[a-d]?,?\s(?:(?:{_WORD})\s){{1,3}}?(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|close|crescent|"
    r"cres|court|ct|terrace|boulevard|blvd|mews|grove|gardens|gdns|circle|parkway|pkwy|way|hill)(?!\w)",
    # Lindenstraße 12, Am Alten Markt 3; Prinsengracht 263
    rf"(?<!\w)(?:[^\W\d_][\w'’.-]{{1,24}}(?:str(?:asse|aße|\.)|gasse|allee|weg|damm|ufer|platz|ring|straat|laan|gracht|kade|dijk|plein|"
    rf"singel|steeg)|(?:am|an der|an den|auf der|auf dem|zum|zur|im)\s"
    rf"(?!ende|anfang|jahr){_WORD}(?:\s{_WORD})?)\s{_NUMBER}",
    # 12 bis, rue de la Paix
    r"(?<![\w.,/-])\d{1,4}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|av\.|boulevard|bd|chemin|impasse|allée|allee|quai|cours|square)\s"
    rf"(?:(?:de la|de l['’]|des|du|de|d['’]|la|le|les)\s?)?{_WORD}(?:\s{_WORD}){{0,2}}",
    # Calle Mayor, 14; via Garibaldi 3
    rf"(?<!\w)(?:calle|c/|avenida|avda\.?|paseo|camino|plaza|via|viale|vicolo|corso|piazza|largo)\s{_WORD}(?:\s{_WORD}){{0,3}}?,?\s"
    rf"(?:(?:nº|n\.|n°|número|numero|num\.)\s?)?{_NUMBER}",
)
_DIGIT = re.compile(r"\d")  # any that ``str.isdecimal`` knows
_STREET = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _STREETS)
_POSTCODE = re.compile(
    r",?\s(?:[^\W\d_][\w'’.-]{1,20},?\s){0,3}(?:[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|\d{5}(?:-\d{4})?|\d{4}\s?[a-z]{2})(?!\w)|"
    r",?\s\d{5}\s[^\W\d_]",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}\d{2}\s?[A-Z]{3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}\s?\d{1,4}[EH]?|[A-Z]{2}[-\s]?\d{3}[-\s]?[A-Z]{2}|\d{2}-[A-Z]{3}-\d|"
    r"\d-[A-Z]{3}-\d{2}|[A-Z]{1,2}-\d{2,3}-[A-Z]{1,2})(?![\w-])"
)
_LOOSE_PLATE = re.compile(r"(?<![\w-])(?:\d{4}\s?[B-DF-HJ-NP-TV-Z]{3}|[A-Z]{3}[-\s]?\d{3,4}|\d[A-Z]{3}\d{3})(?![\w-])")


def private_places(text: str, searched: Copy, contacts: Iterable[Place]) -> tuple[Place, ...]:
    """Their places in the text, in order and apart from each other. ``contacts`` are the ways to reach somebody that
    the text names; ``searched`` is its copy in which patterns are looked for."""
    places = [place for place in contacts if _is_private_contact(text, place)]
    if _DIGIT.search(searched.text):
        places += [searched.origin(*place) for place in _homes(searched.text)]
        places += _plates(text)
    kept: list[Place] = []
    for start, end in sorted(places):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def _is_private_contact(text: str, place: Place) -> bool:
    shown = text[slice(*place)].casefold().strip()
    if "@" in shown:
        name, _, host = shown.partition("@")
        if host not in PRIVATE_MAIL_DOMAINS or PUBLIC_MAILBOXES.search(name):
            return False
        is_signature = not text[place[1] :].strip(" .!)\n")
        return _is_somebodys(text, place, otherwise=not is_signature, or_named=not is_signature)
    digits = "".join(c for c in shown if c.isdecimal())
    if any(c.isalpha() for c in shown) or PUBLIC_NUMBERS.match(digits):
        return False
    return _is_somebodys(text, place, otherwise=_MOBILE.match(digits) is not None, or_named=True)


def _is_somebodys(text: str, place: Place, *, otherwise: bool, or_named: bool) -> bool:
    """``otherwise`` where the words around say nothing; ``or_named`` whether a name in front of it says enough."""
    before, after = _around(text, place)
    around = f"{before} … {after}".casefold()
    if OWN.search(around):
        return False
    if HOME.search(around):
        return True
    if PUBLIC.search(around):
        return False
    return otherwise or OF_A_PERSON.search(around) is not None or (or_named and _NAMED.search(before) is not None)


def _homes(text: str) -> Iterator[Place]:
    for pattern in _STREET:
        for m in islice(pattern.finditer(text), MOST):
            before, after = _around(text, m.span())
            if not KNOWN_ADDRESSES.match(m.group()) and _is_home(f"{before} … {after}", after):
                yield m.span()


def _is_home(around: str, after: str) -> bool:
    if OWN.search(around):
        return False
    if HOME.search(around):
        return True
    return _POSTCODE.match(after) is not None and OF_A_PERSON.search(around) is not None and not PUBLIC.search(around)


def _plates(text: str) -> Iterator[Place]:
    """In capitals, as plates are. A form that much else has too needs the word for a plate right before it."""
    for pattern, words, reach in ((_PLATE, PLATE_OR_CAR, BEFORE), (_LOOSE_PLATE, PLATE_WORDS, NEAR)):
        for m in islice(pattern.finditer(text), MOST):
            before, after = _around(text, m.span())
            around = f"{before} … {after}".casefold()
            if words.search(before.casefold()[-reach:]) and not OWN.search(around) and not PUBLIC.search(around):
                yield m.span()


def _around(text: str, place: Place) -> tuple[str, str]:
    start, end = place
    return text[max(0, start - BEFORE) : start], text[end : end + AFTER]

"""Finds ways to reach somebody outside the comments: telephone numbers, e-mail addresses, messenger handles, bank
accounts and wallets, however they are spaced or spelled. Years, scores, prices, dates, times, laws and ISBNs are none.

Every pattern looks a bounded way ahead from each place, so the cost grows with the text's length alone.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

from moderation.judging.text.contacts.links import Link
from moderation.judging.text.rewritten_text import Copy

Places = Iterator[tuple[int, int]]

_AT = r"(?:@|\s?[\[({]\s?(?:at|@|ät)\s?[\])}]\s?|\sat\s(?=[a-z0-9.-]{1,80}\sdot\s))"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|\.|punkt)\s?[\])}]\s?|\sdot\s)"
_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w+-](?:[\w.+-]{{0,62}}[\w+-])?{_AT}[a-z0-9-]{{1,63}}(?:{_DOT}[a-z0-9-]{{1,63}}){{1,4}}"
)
_PERHAPS_AT = re.compile(  # begins with one set of signs: so the letters between are skipped fast
    r"[\s\[({](?:(?<=[\[({])\s?(?:at|ät)\s?[\])}]|(?<=\s)at\s[^\s]{1,63}\s?[.\[({]?\s?(?:dot|\.))"
)

# Digits with at most three other signs between two of them. A comma, a colon or a letter ends a number.
_DIGITS = re.compile(r"(?<![\w.,:/])[+(]{0,2}\d(?:[\s().\-/–—·_*]{0,3}\d){6,24}(?![\w%‰°€$£¥₽])")
_CALLED = re.compile(
    r"(?:tel|telefon|telefono|téléphone|phone|call|text|ring|mobile?|handy|cell|fax|hotline|whats\s?app|wa|viber|imo|"
    r"sms|тел|телефон|звоните|вайбер|ватсап|вацап|arayın|ara|hubungi|hp|llama|ligue|ligar|zadzwoń|bel|☎|📞|📱|电话)"
    r"\W{0,6}(?:(?:me|us|at|on|is|no|nr|number|mich|uns|unter|al|ao|pod|op)\W{1,3}){0,3}$"
)
_NO_PHONE_BEFORE = re.compile(
    r"(?:isbn|issn|doi|pmid|art|artikel|article|abs|§|nr|no|№|zip|plz|id|case|az|docket|[$€£¥₽#]|usd|eur|gbp|rp|idr)[-\w]{0,3}"
    r"[.:\s]{0,3}$"
)
_MONEY_AFTER = re.compile(
    r"\s?(?:[€$£¥₽]|(?:eur|euros?|usd|dollars?|gbp|pounds?|rubel|руб|million|mio|billion|mrd|people|votes|stimmen|km|kg|mw)\b)"
)
_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"(?:\d{1,2}[./\s-]{1,2}\d{1,2}[./\s-]{1,2}(?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?!\d)"
)
_NETWORK_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")
_YEARS = re.compile(r"(?:(?:1[5-9]|20)\d{2}\D{1,3}){1,6}(?:(?:1[5-9]|20)\d{2}|\d{2})$")
_SCORES = re.compile(r"\d{1,2}(?:\D{1,3}\d{1,2}){1,12}$")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([ .\u202f'])\d{3})(?:\1\d{3}){1,4}$")
_AMERICAN = re.compile(r"\(?[2-9]\d\d\)?[\s.\-/·_]{0,3}\d{3}[\s.\-·_]{0,3}\d{4}$")
_SINGLES = re.compile(r"\d(?:\D{1,3}\d{1,2}){6,}$")

_MESSENGERS = (
    "telegram|tele\\s?gram|telegrm|tg|whats\\s?app|wattsapp|watsapp|kik|snapchat|snap|we\\s?chat|weixin|viber|skype|discord|icq|qq|"
    "line\\sid|signal|threema|session\\sid|zangi|imo|телеграмм?|телега|тг|тгк|ватсап|вотсап|вайбер|дискорд|微信|加微|薇信|电报|飞机|"
    "insta|instagram"
)
_LINKING = r"(?:\W{1,4}(?:id|me|us|at|is|on|my|name|user|username|handle|channel|канал|ник|号)){0,3}"
_HANDLE_AFTER = re.compile(
    rf"(?<!\w)(?:{_MESSENGERS}){_LINKING}(?:\W{{0,4}}@\s?\w[\w.]{{2,31}}|\s?[:：=]\s?\+?\w[\w.]{{3,31}})"
)
_HANDLE_BEFORE = re.compile(
    rf"(?<![\w@.])@\w[\w.]{{2,31}}\s?(?:\W{{0,2}}(?:on|in|via|auf|bei|sur|en|no|na|w|в|at|my|the)\s){{0,2}}\W{{0,2}}"
    rf"(?:{_MESSENGERS})(?!\w)"
)
_MESSENGER_LINK = re.compile(
    r"(?<![\w@.-])(?:t\.me|telegram\.(?:me|dog|im)|wa\.me|(?:chat|api)\.whatsapp\.com|whatsapp\.com/channel|discord\.gg|"
    r"discord\.com/invite|signal\.me|line\.me|viber\.me|vk\.me|m\.me|join\.skype\.com|snapchat\.com/add|kik\.me)/[^\s)\]]{1,80}"
)

_FEWEST_SIGNS = 26  # of a wallet's address
_ETHER = re.compile(r"(?<!\w)0x[0-9a-fA-F]{40}(?!\w)")
_BECH32 = re.compile(r"(?<!\w)(?:bc1|ltc1|BC1|LTC1)[ac-hj-np-zAC-HJ-NP-Z02-9]{25,87}(?!\w)")
_BASE58 = re.compile(r"(?<!\w)[13TLMDXr][1-9A-HJ-NP-Za-km-z]{25,34}(?!\w)")
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){2,7}(?:\s?[a-z0-9]{1,3})?(?!\w)")


def contacts_in(caseless: Copy, lettered: Copy, links: Sequence[Link]) -> tuple[tuple[int, int], ...]:
    """Their places, in order and apart from each other. A wallet's address is read in its own letters, all else without
    case; a number inside one of the ``links`` is none."""
    places = [
        *_spans(caseless, _emails(caseless.text)),
        *_spans(caseless, _handles(caseless.text)),
        *_spans(lettered, _wallets(lettered.text)),
    ]
    if _DIGIT.search(caseless.text):
        places += _spans(caseless, _accounts(caseless.text))
        places += (span for span in _spans(caseless, _phones(caseless.text)) if not _is_inside(span, links))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(places, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def _spans(copy: Copy, places: Places) -> Places:
    return (copy.origin(start, end) for start, end in places)


def _is_inside(span: tuple[int, int], links: Sequence[Link]) -> bool:
    return any(link.start < span[1] and span[0] < link.end for link in links)


def _emails(text: str) -> Places:
    """``at`` as a word needs a spelled dot beside it: "met her at example.org" is no address."""
    if "@" in text or _PERHAPS_AT.search(text):
        yield from (m.span() for m in _EMAIL.finditer(text))


def _handles(text: str) -> Places:
    for pattern, signs in ((_HANDLE_AFTER, "@:：="), (_HANDLE_BEFORE, "@"), (_MESSENGER_LINK, "/")):
        if any(sign in text for sign in signs):  # most comments have none of these
            yield from (m.span() for m in pattern.finditer(text))


def _phones(text: str) -> Places:
    for m in _DIGITS.finditer(text):
        before, after = text[max(0, m.start() - 40) : m.start()], text[m.end() : m.end() + 12]
        if _is_phone(m.group(), before, after):
            yield m.span()


def _is_phone(shown: str, before: str, after: str) -> bool:
    digits = "".join(str(unicodedata.decimal(c)) for c in shown if c.isdecimal())
    if _NO_PHONE_BEFORE.search(before) or _MONEY_AFTER.match(after):
        return False
    if shown.startswith(("+", "(+")):
        return 8 <= len(digits) <= 15
    if any(p.match(shown) for p in (_DATE, _YEARS, _NETWORK_ADDRESS)) or (
        digits[:3] in ("978", "979") and len(digits) == 13
    ):
        return False
    if _CALLED.search(before):
        return len(digits) <= 15
    if _SCORES.match(shown) and not (_SINGLES.match(shown) and len(digits) >= 9):
        return digits.startswith("0") and 9 <= len(digits) <= 12
    if digits.startswith("00"):
        return 10 <= len(digits) <= 16
    if digits.startswith("0"):
        return 9 <= len(digits) <= 12
    if _THOUSANDS.match(shown):
        return False
    if len(digits) == 11:
        return digits[0] in "178" and digits[1] in "23456789"
    return len(digits) == 10 and (_AMERICAN.match(shown) is not None or _SINGLES.match(shown) is not None)


def _accounts(text: str) -> Places:
    """International bank account numbers (ISO 13616) with a right checksum."""
    for m in _IBAN.finditer(text):
        account = re.sub(r"\s", "", m.group())
        if 15 <= len(account) <= 34 and account.isascii():
            turned = account[4:] + account[:4]
            if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1:
                yield m.span()


def _wallets(text: str) -> Places:
    """Bitcoin and its kin, Tron, Ripple, and Ethereum's kin. Where the address has a checksum, it must be right."""
    if max(map(len, text.split()), default=0) < _FEWEST_SIGNS:
        return
    yield from (m.span() for m in _ETHER.finditer(text))
    yield from (m.span() for m in _BECH32.finditer(text) if any(c.isdigit() for c in m.group()[4:]))
    yield from (m.span() for m in _BASE58.finditer(text) if _is_checked(m.group()))


def _is_checked(address: str) -> bool:
    """The last four of 25 bytes are the beginning of a double sha256 of the others."""
    alphabet, number = _RIPPLE if address[0] == "r" else _ALPHABET, 0
    for c in address:
        number = number * 58 + alphabet.index(c)
    if number >= 1 << 200:
        return False
    raw = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]

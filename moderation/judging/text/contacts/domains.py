"""The hosts that a comment links to, and the domains that somebody can register. It looks nothing up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import islice

from moderation.judging.text.contacts.links import Link

_SCHEME = re.compile(r"(?:h(?:tt|xx|\*\*)ps?|ftp)\s?\[?:\]?\s?/{2}")
_DOT = re.compile(r"\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?|\sdot\s")
_WWW = re.compile(r"www\d?\.")
_HOST = re.compile(r"(?!-)[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}$")
MAX_HOST_CHARS = 253
MOST_DOMAINS = 50  # of one comment

# Under a country's domain these say what kind of body has the name, so a registered domain has one label more.
_KINDS = "ac co com edu gen gob gouv gov gub go ltd me mil ne net nom or org plc sch"

# Here each customer has a name of their own: a blog that is new is not known because others are.
_SHARED = (
    "blogspot.com wordpress.com tumblr.com substack.com medium.com weebly.com wixsite.com github.io gitlab.io web.app "
    "firebaseapp.com netlify.app vercel.app pages.dev herokuapp.com myshopify.com livejournal.com jimdo.com "
    "jimdofree.com site123.me carrd.co neocities.org over-blog.com altervista.org"
)
_KIND_LABELS, _SHARED_HOSTS = frozenset(_KINDS.split()), frozenset(_SHARED.split())

Host = tuple[str, tuple[int, int]]
"""A host and the place of the link to it."""


def hosts_of(links: Iterable[Link]) -> tuple[Host, ...]:
    """The host of each link. A link whose host cannot be read is left out."""
    return tuple((host, link.place) for link in links if (host := host_of(link.folded)) is not None)


def domains_of(hosts: Iterable[Host]) -> frozenset[str]:
    """The first ``MOST_DOMAINS`` of them: a text of nothing but domains must not cost as many rows."""
    domains = dict.fromkeys(registrable(host) for host, _ in hosts)
    return frozenset(islice(domains, MOST_DOMAINS))


def host_of(address: str) -> str | None:
    """``shop.example.com`` of ``hxxps://www.shop.example[.]com:80/x``; None where there is no host."""
    rest = _SCHEME.sub("", _DOT.sub(".", address.casefold().strip()), count=1)
    host = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    host = _WWW.sub("", host, count=1) if _WWW.match(host) else host
    if len(host) > MAX_HOST_CHARS or not _HOST.match(host):
        return None
    return host if host.isascii() else _punycode(host)


def registrable(host: str) -> str:
    """The domain that one body registers: ``example.com``, ``example.co.uk``, ``name.blogspot.com``.

    Two labels, or three where the second-last only says a kind of body or many share it: a rule instead of the Public
    Suffix List. A rare suffix that it does not know joins several bodies under one domain.
    """
    labels = host.split(".")
    if labels[-1].isdecimal():  # an IP address
        return host
    under_kind = len(labels[-1]) == 2 and labels[-2] in _KIND_LABELS
    is_shared = ".".join(labels[-2:]) in _SHARED_HOSTS
    return ".".join(labels[-3:] if under_kind or is_shared else labels[-2:])


def listed_parent(host: str, listed: Collection[str]) -> str | None:
    """The longest listed domain that the host is or lies under."""
    labels = host.split(".")
    parents = (".".join(labels[at:]) for at in range(len(labels)))
    return next((parent for parent in parents if parent in listed), None)


def _punycode(host: str) -> str | None:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return None

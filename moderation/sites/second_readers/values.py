"""A second reader as a site has connected it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit


class ReaderState(StrEnum):
    OFF = "off"  # it reads nothing
    SHADOW = "shadow"  # it reads, and nothing follows
    ON = "on"  # it may hold, propose and order


@dataclass(frozen=True, slots=True)
class ReaderWish:
    """All that somebody says of a second reader when they connect it."""

    name: str
    contract: str
    base_url: str
    model: str
    masked: bool
    key: str | None = field(default=None, repr=False)
    price_in: float = 0.0  # euros for a million tokens
    price_out: float = 0.0


@dataclass(frozen=True, slots=True)
class SecondReader:
    id: str
    site_id: str
    wish: ReaderWish
    state: ReaderState
    state_since: datetime
    created_at: datetime
    failures: int = 0  # calls in a row without an answer
    rests_until: datetime | None = None  # nobody is asked before

    @property
    def host(self) -> str:
        """Where the comments go, without the path, which may be secret."""
        return urlsplit(self.wish.base_url).netloc.rpartition("@")[2]

    @property
    def fingerprint(self) -> str:
        """Another one where another model, another place or another form of the text answers."""
        said = [self.wish.contract, self.wish.base_url, self.wish.model, self.wish.masked]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def rests(self, now: datetime) -> bool:
        return self.rests_until is not None and self.rests_until > now

    def price(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths of a euro, rounded up."""
        return -int(-(tokens_in * self.wish.price_in + tokens_out * self.wish.price_out) // 1)

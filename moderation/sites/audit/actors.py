"""Names those who change something, for the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moderation.sites.rows import Key, Moderator


class ActorKind(StrEnum):
    PERSON = "person"  # logged in at the desk
    KEY = "key"  # a site's own program, by the API
    OPERATOR = "operator"  # somebody at a terminal on the server
    SYSTEM = "system"  # Gavel itself


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    name: str = ""  # of a person or a key; of an operator, their account on the server
    id: str | None = None  # of a moderator or a key

    def __str__(self) -> str:
        """In words, as people read them at the desk and in exports."""
        match self.kind:
            case ActorKind.PERSON:
                return self.name
            case ActorKind.KEY:
                return f"key “{self.name}” ({self.id})"
            case ActorKind.OPERATOR:
                return f"operator {self.name} at a terminal" if self.name else "operator at a terminal"
            case ActorKind.SYSTEM:
                return "Gavel"


SYSTEM = Actor(ActorKind.SYSTEM)


def person(moderator: Moderator) -> Actor:
    return Actor(ActorKind.PERSON, moderator.name, moderator.id)


def key(api_key: Key) -> Actor:
    return Actor(ActorKind.KEY, api_key.name, api_key.id)


def operator(account: str = "") -> Actor:
    """``account`` is the name on the server, empty where it is unknown."""
    return Actor(ActorKind.OPERATOR, account)

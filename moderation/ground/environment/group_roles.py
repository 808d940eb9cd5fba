"""The roles that groups at the login provider give, as the setting ``OIDC_ROLES`` has them."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROLES = ("moderator", "lead", "admin")  # each may do all that the one before it may
EVERY_SITE = "*"


@dataclass(frozen=True, slots=True)
class GroupRole:
    """People in the group have the role at the site."""

    group: str
    role: str
    site: str  # its name or id, or ``*``

    def __str__(self) -> str:
        return f"{self.group}={self.role}@{self.site}"


def parse_group_roles(raw: str) -> tuple[GroupRole, ...]:
    """Reads ``newsroom=moderator@The Herald; chiefs=admin@*``, with semicolons or line breaks. Raises ValueError.

    A group may contain ``=`` and ``@``, as names from a directory do.
    """
    return tuple(_group_role(part.strip()) for part in re.split(r"[;\n]", raw) if part.strip())


def _group_role(part: str) -> GroupRole:
    match = re.fullmatch(rf"(.+?)\s*=\s*({'|'.join(ROLES)})\s*@\s*(.+)", part)
    if match is None:
        roles = ", ".join(ROLES[:-1])
        raise ValueError(
            f"must be parts such as newsroom=moderator@The Herald, with semicolons or line breaks between, the role "
            f"{roles} or {ROLES[-1]}, and * for every site; not {part!r}"
        )
    return GroupRole(*match.groups())

"""What operators do from a terminal, as commands of ``python -m service``."""

from __future__ import annotations

import click

from service.commands.keys import rotate_key
from service.commands.rescoring import failure_policy, rescore
from service.commands.site_settings import set_site, show_site
from service.commands.status import capacity, status
from service.commands.upkeep import backup, dead, restore, retain, set_retention

__all__ = ["ALL", "rotate_key", "set_site", "show_site"]

ALL: tuple[click.Command, ...] = (
    status,
    capacity,
    failure_policy,
    rescore,
    dead,
    set_retention,
    retain,
    backup,
    restore,
)

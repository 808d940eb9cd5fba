"""``rules``: the rule book of a site at a terminal."""

from __future__ import annotations

import click

from workers.commands.rules.files import export_rules, import_rules
from workers.commands.rules.testing import test


@click.group()
def rules() -> None:
    """The rule book of a site: try a change on it, write it to a file, read rules from files."""


for command in (test, export_rules, import_rules):
    rules.add_command(command)

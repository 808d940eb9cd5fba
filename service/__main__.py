"""``python -m service``: the commands of the web service."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from moderation.operations.operating import command_line
from service.commands import cli


def main(arguments: Sequence[str] | None = None) -> int:
    return command_line.run(cli, "python -m service", arguments)


if __name__ == "__main__":
    sys.exit(main())

"""``python -m workers``: the commands of the workers. Without a command, it is `work`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from moderation.operations.operating import command_line
from workers.commands import cli


def main(arguments: Sequence[str] | None = None) -> int:
    return command_line.run(cli, "python -m workers", arguments)


if __name__ == "__main__":
    sys.exit(main())

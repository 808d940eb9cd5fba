"""``python -m gavel``, where the command ``gavel`` is not installed."""

from __future__ import annotations

import sys

from gavel.command import main

if __name__ == "__main__":
    sys.exit(main())

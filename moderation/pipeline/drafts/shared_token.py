"""The secret that the web service and the scoring process share on one machine, where SCORING_TOKEN gives none."""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path

from moderation.ground.database.usage import private_file


def make(home: Path) -> str:
    """The token of this home, made at the first start of either program. It lets its owner keep the models busy, so
    the file is for this user alone."""
    folder = home / "scoring"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private_file(folder / "token") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # both programs may start at once
        file.seek(0)
        token = file.read().strip()
        if not token:
            token = secrets.token_urlsafe(32)
            file.write(f"{token}\n")
    return token

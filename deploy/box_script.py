"""``./run.sh box``: makes the script of the comment box from its parts, small, with esbuild and terser from npm."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.embed.script import BUILT, assembled, assembled_later, built, later, source_digest, style

TOOLS = ("terser@5", "esbuild@0")
ESBUILD = ("--minify", "--loader=css", "--log-level=warning")
TERSER = ("--compress", "passes=3", "--mangle", "--toplevel")
OUR_OWN = (
    *("rootWriting", "recognise", "lookAtOwn", "catchUp", "lookIfDue", "addOwn", "tallyUp"),
    *("whyClosed", "whySilent", "drawAway", "sorting", "wroteFor", "ask_", "settle"),
    *("thread", "answers", "owned", "slot_", "frame", "tally", "isNew", "began"),
    *("working", "reread", "adopt", "hold", "belongs", "started", "meeting", "retry"),
    *("moments", "plurals", "numbers", "turn", "claim", "shownAt", "fresh"),
    *("meetAgain", "known", "failed", "reload", "busy", "found", "watch", "statementLink"),
)
"""Names of properties that no page, answer or browser knows: they are shortened, which saves 170 bytes compressed."""


@dataclass(frozen=True, slots=True)
class Programs:
    folder: Path

    def style(self, source: str) -> str:
        return _piped([self.folder / "esbuild", *ESBUILD], source)

    def script(self, source: str) -> str:
        names = f"regex=/^({'|'.join(OUR_OWN)})$/"
        return _piped([self.folder / "terser", *TERSER, "--mangle-props", names], source)

    def module(self, source: str) -> str:
        """Its properties keep their names: the box's have others."""
        return _piped([self.folder / "terser", *TERSER, "--module"], source)


def main() -> int:
    if shutil.which("npm") is None:
        print("box: npm is missing: install it (Debian and Ubuntu: apt-get install npm)", file=sys.stderr)
        return 1
    with tools() as programs:
        BUILT.mkdir(exist_ok=True)
        (BUILT / "later.js").write_text(programs.module(assembled_later()) + "\n", encoding="utf-8")
        script = programs.script(assembled(programs.style(style()), later()))
    (BUILT / "box.js").write_text(script + "\n", encoding="utf-8")
    (BUILT / "made_from.sha256").write_text(source_digest() + "\n", encoding="utf-8")
    print(f"service/embed/built: {len(built().packed):,} bytes compressed, and later {len(later().packed):,}")
    return 0


@contextmanager
def tools() -> Iterator[Programs]:
    """The programs, in a folder of their own for as long as they are used. Raises CalledProcessError without npm's
    registry."""
    with tempfile.TemporaryDirectory() as folder:
        install = ("npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, *TOOLS)
        subprocess.run(install, check=True)
        yield Programs(Path(folder) / "node_modules" / ".bin")


def _piped(command: list[str | Path], source: str) -> str:
    """Runs a program on the source. Raises CalledProcessError if the program finds a fault in it."""
    return subprocess.run(command, input=source, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

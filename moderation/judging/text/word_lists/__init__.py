"""Lists of words as plain files, one list a file."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache  # reading the longest takes 2 ms, measured
def word_list(name: str) -> frozenset[str]:
    """The words of ``NAME.txt``, such as ``function/de``; lines that begin with # are comments."""
    return frozenset(word for line in lines(name) for word in line.split())


def ordered_words(name: str) -> tuple[str, ...]:
    """The words of a list in its own order, each once."""
    return tuple(dict.fromkeys(word for line in lines(name) for word in line.split()))


def has_word_list(name: str) -> bool:
    return name in _names()


def word_pairs(name: str) -> dict[str, str]:
    """The meaning of each word of ``NAME.txt``, from lines such as ``kys: kill yourself``."""
    return dict(line.split(": ", 1) for line in lines(name))


def lines(name: str) -> list[str]:
    """The lines of ``NAME.txt`` that are no comments."""
    return _lines(_path(name))


def sections(path: Path) -> dict[str, list[str]]:
    """The lines below each ``[heading]`` of a file. Raises ValueError for a line above the first one."""
    by_heading: dict[str, list[str]] = {}
    heading = ""
    for line in _lines(path):
        if line.startswith("["):
            heading = line.strip("[]")
            by_heading.setdefault(heading, [])
        elif not heading:
            raise ValueError(f"{path.name} has a line above its first heading: {line}")
        else:
            by_heading[heading].append(line)
    return by_heading


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def _path(name: str) -> Path:
    return FOLDER / f"{name}.txt"


@cache  # asking the disk takes 0.04 ms, and each comment asks for some eight lists, measured
def _names() -> frozenset[str]:
    return frozenset(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.txt"))

"""`python -m training.common_words`: counts the words of our own texts, for the list that hashtags are split by."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

FOLDERS = (Path(__file__).parent / "texts", Path(__file__).parent / "articles")
TARGET = Path(__file__).parent.parent / "workers" / "text" / "word_lists" / "common" / "en.txt"
AT_LEAST = 3
SHORT_WORDS = "a am an as at be by do go he i if in is it me my no of on or so to up us we uk eu tv"
"""The only words of one or two letters: others are parts of words more often than words."""

HEADER = (
    "# Words of English comments, the most frequent first. training/common_words.py counted them in our own texts.\n"
)
_WORD = re.compile(r"(?<![^\W_])[a-z]+(?!['’]?[^\W_])")


def common_words(texts: Iterator[str]) -> list[str]:
    """Those that occur ``AT_LEAST`` times, the most frequent first."""
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    short = SHORT_WORDS.split()
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ordered if counts[word] >= AT_LEAST and (len(word) > 2 or word in short)]


def own_texts() -> Iterator[str]:
    """All comments, headlines and standfirsts in English that were written for this project."""
    for path in (path for folder in FOLDERS for path in sorted(folder.glob("*.jsonl"))):
        for one in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield from (text for name in ("text", "title", "summary") if (text := one.get(name)))
            yield from one.get("comments", ())


def main() -> None:
    """Writes the list in place."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(HEADER + textwrap.fill(" ".join(common_words(own_texts())), 110) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

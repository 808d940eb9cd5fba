"""`python -m training.measuring.common_words`: counts the words of our own texts, for the list that hashtags are
split by and those by which stretches in another language are found."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[1]
FOLDERS = (HERE / "texts", HERE / "articles")
OTHERS = ("da", "de", "es", "fi", "fr", "it", "nl", "no", "pl", "pt", "ro", "sv", "tr")
"""Languages in Latin letters, other than English, in which comments were written for this project."""

TARGET = HERE.parent / "moderation" / "judging" / "text" / "word_lists" / "common"
AT_LEAST = 3
SHORT_WORDS = "a am an as at be by do go he i if in is it me my no of on or so to up us we uk eu tv"
"""The only words of one or two letters: others are parts of words more often than words."""

HEADER = "# Words of our own comments, the most frequent first. training/measuring/common_words.py counted them.\n"
_WORD = re.compile(r"(?<![^\W_])[a-z]+(?!['’]?[^\W_])")
_ANY_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def common_words(texts: Iterator[str]) -> list[str]:
    """Those that occur ``AT_LEAST`` times, the most frequent first."""
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    short = SHORT_WORDS.split()
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ordered if counts[word] >= AT_LEAST and (len(word) > 2 or word in short)]


def own_texts() -> Iterator[str]:
    """All comments, headlines and standfirsts in English that were written for this project."""
    for path in (path for folder in FOLDERS for path in sorted(folder.glob("*.jsonl"))):
        for record in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield from (text for name in ("text", "title", "summary") if (text := record.get(name)))
            yield from record.get("comments", ())


def words_in(language: str) -> list[str]:
    """Those of two letters or more in any of its texts. A word that only ever begins with a capital is left out, as it
    may be a name; not in German, where all nouns do."""
    texts = [
        json.loads(line)["text"].replace("’", "'")
        for path in (
            HERE / "multilingual" / "texts" / f"{language}.jsonl",
            HERE / "spam" / "texts" / f"{language}_civil.jsonl",
        )
        if path.exists()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    written = Counter(word for text in texts for word in _ANY_WORD.findall(text) if len(word) > 1)
    counts: Counter[str] = Counter()
    for word, times in written.items():
        counts[word.lower()] += times
    kept = [word for word in counts if language == "de" or word in written]
    return sorted(kept, key=lambda word: (-counts[word], word))


def main() -> None:
    """Writes the lists in place."""
    TARGET.mkdir(exist_ok=True)
    for name, words in {"en": common_words(own_texts()), **{code: words_in(code) for code in OTHERS}}.items():
        (TARGET / f"{name}.txt").write_text(HEADER + textwrap.fill(" ".join(words), 110) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

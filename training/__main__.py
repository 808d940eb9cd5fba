"""`python -m training DATA_DIR`: from the data folder to the bundled weights, in hours on a small machine.

It skips a stage whose result is in the work folder, and continues a stage that was cut off.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from training.limits.choose import main as choose_limits
from training.loop.average import average
from training.loop.batches import as_scored
from training.loop.scorer import logits_of
from training.loop.steps import Steps
from training.measuring.evaluate import evaluate, summary
from training.relevance.teacher import make_teacher
from training.rows.assemble import TOXICITY, Mix, are_graded, read_hand_labels, read_own_texts, second_stage
from training.rows.dataset import LABELS, TRAIN_FILE, Floats, Rows, read_rows
from training.rows.news_mix import HAND_LABELS, TEXTS
from training.toxicity.calibrate import calibrate
from training.toxicity.finish import finish
from training.toxicity.news import TENTH, own_vectors, tenth_rows
from training.toxicity.one_pass import taught_vectors, texts_to_compare, with_texts
from training.toxicity.stage import CHECKPOINT, Recipe, train
from training.toxicity.teach import taught
from workers.scoring.engines.weights import VECTOR_FILE

FIRST = Recipe(epochs=0.5)
SECOND = Recipe(epochs=1.0, learning_rate=1e-4, seed=19)
THIRD = Recipe(epochs=1.0, learning_rate=5e-5, seed=41)
FOURTH = Recipe(epochs=1.5, learning_rate=1.2e-4, warm_up=0.04, seed=103)
FIFTH = Recipe(epochs=1.0, learning_rate=5e-5, seed=107)
SIXTH = Recipe(epochs=1.0, learning_rate=6e-5, seed=113)
SEVENTH = Recipe(epochs=1.0, learning_rate=8e-5, warm_up=0.04, seed=131)
EIGHTH = Recipe(epochs=1.0, learning_rate=8e-5, warm_up=0.04, seed=151)
NINTH = Recipe(epochs=1.0, learning_rate=8e-5, warm_up=0.04, seed=163)

SHARES: Mapping[str, float] = {
    "cat_wikipedia": 0.5,
    "conversationai_wiki_annotators": 0.5,
    "edos_sexism": 0.8,
    "gab_hate_corpus": 0.8,
    "ibm_argq": 0.6,
    "toxic_spans_civil_comments": 0.8,
}
"""Sources with many rows that teach little more, or that pull the model their way, are thinned in the second stage."""

LATER_SHARES: Mapping[str, float] = {
    "cat_wikipedia": 0.5,
    "conversationai_wiki_annotators": 0.5,
    "edos_sexism": 0.5,
    "gab_hate_corpus": 0.5,
    "ibm_argq": 0.5,
    "stormfront": 0.8,
}
"""The fourth stage's."""

FOCUS_SHARE = 0.15
"""The third and fifth stages see this much of every source: our own texts and relabelled rows count for most there.
The fifth sees all of hatemoji_build, where alone emoji carry the meaning."""

SIXTH_SHARES: Mapping[str, float] = {
    "cat_wikipedia": 0.25,
    "conversationai_wiki_annotators": 0.3,
    "davidson_tweets": 0.4,
    "edos_sexism": 0.25,
    "gab_hate_corpus": 0.25,
    "hatemoji_build": 0.4,
    "hatexplain": 0.4,
    "ibm_argq": 0.3,
    "sbic_dev": 0.5,
    "stormfront": 0.3,
    "toxic_spans_civil_comments": 0.6,
    "toxigen_human_subset": 0.5,
}
"""The sixth lies between: half of it our own texts, and of the sources most of those that read like a newspaper."""


LAST_SHARES: Mapping[str, float] = {
    "cat_wikipedia": 0.4,
    "davidson_tweets": 0.6,
    "edos_sexism": 0.4,
    "gab_hate_corpus": 0.4,
    "hatemoji_build": 0.6,
    "hatexplain": 0.7,
    "ibm_argq": 0.4,
    "sbic_dev": 0.8,
    "stormfront": 0.4,
    "toxigen_human_subset": 0.8,
}
"""The seventh and eighth have all the graded newspaper comments."""

NINTH_SHARES: Mapping[str, float] = {
    "cat_wikipedia": 0.2,
    "conversationai_wiki_annotators": 0.5,
    "davidson_tweets": 0.3,
    "edos_sexism": 0.2,
    "gab_hate_corpus": 0.2,
    "hatemoji_build": 0.3,
    "hatexplain": 0.35,
    "ibm_argq": 0.2,
    "sbic_dev": 0.4,
    "stormfront": 0.2,
    "toxic_spans_civil_comments": 0.8,
    "toxigen_human_subset": 0.4,
}
"""The ninth has about half as many rows beside the texts from which it learns vectors."""

SEVENTH_MIX = Mix(own_copies=3, share=LAST_SHARES, seed=29)
EIGHTH_MIX = Mix(own_copies=2, share=LAST_SHARES, seed=37)
NINTH_MIX = Mix(own_copies=2, share=NINTH_SHARES, seed=43)

COMPARED_COPIES = 2
"""How often the ninth stage sees each of the texts from which it learns vectors alone."""


def main(arguments: list[str] | None = None) -> None:
    """Command line: train, calibrate, evaluate and publish."""
    parser = argparse.ArgumentParser(prog="./run.sh train", description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="folder with the labelled csv.gz files")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="checkpoints, logs and reports")
    parser.add_argument("--models", type=Path, default=Path("var/training/models"), help="where finished weights go")
    parser.add_argument("--processes", type=int, default=FIRST.processes)
    parser.add_argument("--minutes", type=float, help="end each stage by the clock after so long")
    given = parser.parse_args(arguments)
    trained = train_toxicity(given.data, given.work, processes=given.processes, minutes=given.minutes)
    folder = given.models / "toxicity"
    finish(given.data, trained, trained.with_name(VECTOR_FILE), folder)
    choose_limits([str(given.data), str(given.models), str(given.work / "limits"), "--write"])
    limits = np.asarray([DEFAULT_LIMITS[label] for label in LABELS], dtype=np.float32)
    print(summary(evaluate(folder, given.data, given.work / "report", limits)))


@dataclass(frozen=True, slots=True)
class Stages:
    """Trains each stage in a folder of its own, or takes it as it is if it is finished."""

    work: Path
    processes: int
    minutes: float | None

    def checkpoint(
        self,
        number: int,
        rows: Rows | Callable[[], Rows],
        recipe: Recipe,
        init: Path | None = None,
        vectors: Callable[[Rows], Floats] | None = None,
    ) -> Path:
        """Rows and vectors are made only for a stage that is not finished: some take minutes."""

        def make(out: Path) -> None:
            lessons = rows() if callable(rows) else rows
            aims = vectors(lessons) if vectors else None
            train(lessons, out, replace(recipe, processes=self.processes, minutes=self.minutes, init=init), aims)

        return Steps(self.work).made(f"stage{number}", CHECKPOINT, make)


def train_toxicity(data: Path, work: Path, *, processes: int, minutes: float | None) -> Path:
    """All stages; returns the last checkpoint, beside which lies the projection of its vectors."""
    rows = read_rows(data / TRAIN_FILE)
    mixed, kept = second_stage(rows, TEXTS, HAND_LABELS, Mix(own_copies=4, share=SHARES))
    later, _ = second_stage(rows, TEXTS, HAND_LABELS, Mix(own_copies=5, share=LATER_SHARES))
    focus = Mix(own_copies=2, share=dict.fromkeys(rows.sources, FOCUS_SHARE))
    focused, _ = second_stage(rows, TEXTS, HAND_LABELS, focus)
    last = Mix(own_copies=2, share={**dict.fromkeys(rows.sources, FOCUS_SHARE), "hatemoji_build": 1.0})
    refined, _ = second_stage(rows, TEXTS, HAND_LABELS, last)
    balanced, _ = second_stage(rows, TEXTS, HAND_LABELS, Mix(own_copies=4, share=SIXTH_SHARES))

    stage = Stages(work, processes, minutes).checkpoint
    second = stage(2, mixed, SECOND, stage(1, rows, FIRST))
    early = average((second, stage(3, focused, THIRD, second)), work / "averaged-early.ckpt")
    fourth = stage(4, later, FOURTH, early)
    fifth = stage(5, refined, FIFTH, fourth)
    sixth = stage(6, balanced, SIXTH, average((early, fourth, fifth), work / "averaged-late.ckpt"))
    mean = average((early, fourth, fifth, sixth), work / "averaged-six.ckpt")

    def taught_by(mean: Path, mix: Mix) -> Callable[[], Rows]:
        return lambda: _taught_rows(rows, calibrate(mean, data, kept, work / "teacher.ckpt"), mix)

    seventh = stage(7, taught_by(mean, SEVENTH_MIX), SEVENTH, mean)
    better = average((mean, seventh), work / "averaged-seven.ckpt")
    eighth = stage(8, taught_by(better, EIGHTH_MIX), EIGHTH, better)
    before = calibrate(average((better, eighth), work / "averaged.ckpt"), data, kept, work / "eighth.ckpt")
    compared = texts_to_compare(data)
    ninth = stage(
        9,
        lambda: with_texts(_taught_rows(rows, before, NINTH_MIX), compared, COMPARED_COPIES),
        NINTH,
        before,
        lambda lessons: taught_vectors(
            lessons, make_teacher(work / "sentences", work / "relevance.pt"), work / "sentences.npy"
        ),
    )
    known, projection = calibrate(ninth, data, kept, work / "ninth.ckpt"), ninth.with_name(VECTOR_FILE)
    return stage(10, lambda: tenth_rows(data), TENTH, known, lambda lessons: own_vectors(lessons, known, projection))


def _taught_rows(rows: Rows, teacher: Path, mix: Mix) -> Rows:
    """Takes some ten minutes, because the teacher reads all rows."""
    by_hash = read_hand_labels(HAND_LABELS)
    own, _ = read_own_texts(TEXTS)
    says = logits_of(teacher, as_scored(rows.texts))[:, TOXICITY]
    softened = taught(rows, own, says, are_graded(rows, by_hash))
    return second_stage(softened, TEXTS, HAND_LABELS, mix)[0]


if __name__ == "__main__":
    main()

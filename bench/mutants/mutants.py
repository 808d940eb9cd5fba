"""Mutates a site's policy, the toxicity weights and a second reader, puts each mutant to the trial of changes, and
measures its harm on comments that the trial does not know."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from bench import Option, Result, tell
from bench.mutants import labelled, newsroom, policies, readers, reading, weights
from bench.mutants.harm import CIVIL_MARGIN, NOISE, SURELY, TOXIC_MARGIN, Harm
from bench.mutants.labelled import Labelled
from bench.mutants.last_layers import LastLayersBench
from bench.mutants.newsroom import RULES
from bench.mutants.trying import TriedMutant, Trying
from bench.mutants.ways import IN_FORCE
from moderation.ground.estimates import Share, counted_share
from moderation.judging.policy import documents
from moderation.judging.policy.default import default_policy
from moderation.judging.second_reader.values import RuleText
from workers.scoring.engines.weights import BUNDLED, ModelFolders, find_source
from workers.scoring.scorer import Scorer

FEWEST_HARMFUL, MOST_HARMLESS = 0.9, 0.05  # stopped
COLUMNS = ("mutants", "tried", "harmful", "stopped", "in between", "stopped", "harmless", "stopped")
FAMILIES = ("policies", "weights", "readers")
WORD = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Plan:
    files: Annotated[tuple[Path, ...], Option("labelled comments, as gzipped CSV")]
    policies: Annotated[int, Option("mutants of the policy (default: %(default)s)")] = 80
    weights: Annotated[int, Option("mutants of the weights (default: %(default)s)")] = 70
    readers: Annotated[int, Option("mutants of a second reader (default: %(default)s)")] = 50
    decisions: Annotated[int, Option("decided comments (default: %(default)s)")] = 1_000
    cases: Annotated[int, Option("of each kind for each rule (default: %(default)s)")] = 4
    toxic: Annotated[float, Option("share of the decided comments (default: %(default)s)")] = 0.3
    judged: Annotated[int, Option("most comments of each label that measure harm (default: %(default)s)")] = 2_000
    seed: Annotated[int, Option("(default: %(default)s)")] = 1


def measure(plan: Plan) -> Result:
    pool, rng = labelled.read(plan.files), random.Random(plan.seed)
    dealt = labelled.deal(pool, rng, cases=plan.cases, decided=plan.decisions, toxic=plan.toxic, judged=plan.judged)
    with newsroom.opened(dealt, Scorer.load()) as room:
        trying = Trying(room, dealt.judged)
        tried = []
        for mutant in _tried(trying, plan):
            tried.append(mutant)
            if len(tried) % 10 == 0:
                tell(f"{len(tried)} mutants are tried")
    return _result(plan, tried, dealt.judged)


def _tried(trying: Trying, plan: Plan) -> Iterator[TriedMutant]:
    of_policies, of_weights, of_readers = (random.Random(f"{plan.seed} {family}") for family in FAMILIES)
    policy = default_policy()
    editor = policies.Editor(of_policies, _words(trying.judged))
    yield from trying.policies(policy, policies.mutants(documents.dump(policy), editor, plan.policies))
    opened = LastLayersBench(find_source(BUNDLED, ModelFolders.of(None, None)))
    yield from trying.weights(policy, opened, weights.mutants(of_weights, plan.weights))
    rules = tuple(RuleText(rule.key, rule.name, rule.sentence) for rule in RULES)
    author = readers.Author(of_readers, rules, readers.Script())
    with readers.serving(reading.known(trying)) as server:
        bench = reading.ReaderBench(trying, server, reading.asks())
        yield from bench.readers(rules, readers.mutants(author, plan.readers))


def _words(comments: Iterable[Labelled]) -> list[str]:
    """Those of the comments, the most frequent first."""
    counts = Counter(word for comment in comments for word in set(WORD.findall(comment.text.lower())))
    return [word for word, _ in counts.most_common()]


def _result(plan: Plan, tried: Sequence[TriedMutant], judged: Sequence[Labelled]) -> Result:
    families = list(dict.fromkeys(mutant.family for mutant in tried))
    rows = [_row("all", tried, IN_FORCE)]
    for family in families:
        own = [mutant for mutant in tried if mutant.family == family]
        rows.append(_row(family, own, IN_FORCE))
        rows += [_row(f"– {kind}", [m for m in own if m.kind == kind], IN_FORCE) for kind in _kinds(own)]
    rows += [_row(f"way: {way}", [m for m in tried if way in m.stopped], way) for way in _ways(tried)]
    toxic = sum(comment.is_toxic for comment in judged)
    lines = [
        f"harmful: of {toxic:,} toxic comments {TOXIC_MARGIN:.0%} are held no more, or of "
        f"{len(judged) - toxic:,} civil ones {CIVIL_MARGIN:.0%} are held now",
        "harmless: worse on neither side by more than noise",
        _said_of_changing(tried),
    ]
    values: dict[str, Any] = {"plan": {**asdict(plan), "files": [file.name for file in plan.files]}}
    values |= {"margins": {"toxic": TOXIC_MARGIN, "civil": CIVIL_MARGIN, "surely": SURELY, "noise": NOISE}}
    values |= {"mutants": [mutant.form() for mutant in tried]}
    return Result("mutants", COLUMNS, rows, lines, values, failed=_failed(tried))


def _said_of_changing(tried: Sequence[TriedMutant]) -> str:
    own = [mutant for mutant in tried if mutant.harm is Harm.HARMLESS and mutant.changes]
    share = counted_share(sum(mutant.stopped[IN_FORCE] for mutant in own), len(own))
    return f"{len(own)} of the harmless change an answer; of these {_within(share)} are stopped"


def _row(name: str, tried: Sequence[TriedMutant], way: str) -> tuple[str, ...]:
    cells = []
    for kind in (Harm.HARMFUL, Harm.BETWEEN, Harm.HARMLESS):
        own = [mutant for mutant in tried if mutant.harm is kind]
        cells += [str(len(own)), _within(counted_share(sum(mutant.stopped[way] for mutant in own), len(own)))]
    return (name, str(len(tried)), *cells)


def _failed(tried: Sequence[TriedMutant]) -> list[str]:
    failed = []
    for kind, is_kept in ((Harm.HARMFUL, FEWEST_HARMFUL.__le__), (Harm.HARMLESS, MOST_HARMLESS.__ge__)):
        own = [mutant.stopped[IN_FORCE] for mutant in tried if mutant.harm is kind]
        if own and not is_kept(sum(own) / len(own)):
            failed.append(f"{sum(own)} of {len(own)} {kind} mutants were stopped")
    return failed


def _kinds(tried: Sequence[TriedMutant]) -> list[str]:
    return sorted({mutant.kind for mutant in tried})


def _ways(tried: Sequence[TriedMutant]) -> list[str]:
    return list(dict.fromkeys(way for mutant in tried for way in mutant.stopped))


def _within(share: Share | None) -> str:
    return "–" if share is None else f"{share.share:.0%} [{share.low:.0%}–{share.high:.0%}]"

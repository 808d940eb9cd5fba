"""``python -m training.measuring.advertisements``: how many of the written advertisements a new site would publish.

The whole default policy decides: models, lists, links, contacts and, for a new author, the rules for newcomers. The
site trusts the scores in every language, or it would publish nothing in most. It prints counts by kind and never a
single case: weights are not to be improved by looking at these.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from moderation.ground.values.articles import Article, ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.policies import SiteLanguages
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy.default import default_policy
from moderation.judging.policy.verdicts import decide
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.reading import Reading
from training.suites.cases import ADVERTISING, Case, Label, languages, read_cases
from training.suites.counts import Counts, counts_of, read_counts, table, write_counts
from training.suites.judging import Judged
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
PUBLISHED_BEFORE = {"regular": 10, "newcomer": 0}
"""Comments that the author published before. For a regular, the rules for newcomers do not hold."""


def judged(scorer: Scorer, cases: Sequence[Case], language: str, published: int) -> tuple[Judged, ...]:
    """The default policy's choice for each case, as a comment under an article in the language."""
    return tuple(Judged(case, _given(scorer, case.text, language, published)) for case in cases)


def _given(scorer: Scorer, text: str, language: str, published: int) -> Label:
    policy, trusted = default_policy(), SiteLanguages(trusted=frozenset(scorer.languages))
    comment = Comment("", "", "", "", "", None, text, language, CommentStatus.WAITING, 1, NEVER, NEVER, NEVER)
    article = Article("", "", "", None, None, None, None, (), language, ArticleState.OPEN)
    author = Author("", "", "", None, published=published)
    whole = CommentToScore(comment, article, author, None, policy, Reading(text))
    rules = [spec.signal_of(whole) for spec in SIGNALS.values() if spec.measure is not None]
    scores = scorer.score([Scorable(text, article_language=language)])[0]
    verdict = decide([*scores, *rules], policy, Circumstances(languages=trusted))
    return Label.PUBLISH if verdict.action is Action.PUBLISH else Label.HOLD


def measured(scorer: Scorer) -> dict[str, Counts]:
    """Counts over all languages, by how well the site knows the author."""
    counts = {}
    for author, published in PUBLISHED_BEFORE.items():
        of_each = (judged(scorer, read_cases(code, ADVERTISING), code, published) for code in languages(ADVERTISING))
        counts[author] = counts_of(case for cases in of_each for case in cases)
    return counts


def main(arguments: list[str] | None = None) -> None:
    """Command line: measure, print, and keep the counts if that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m training.measuring.advertisements", description=__doc__)
    parser.add_argument("--models", type=Path, help="folder of all weights, else the bundled one")
    parser.add_argument("--counts", type=Path, help="folder that gets AUTHOR.json with the counts")
    parser.add_argument("--before", type=Path, help="folder of counts to print beside the new ones")
    given = parser.parse_args(arguments)
    columns: dict[str, Counts] = {}
    for author, counts in measured(Scorer.load(models_dir=given.models)).items():
        if given.before:
            columns[f"{author}, before"] = read_counts(given.before / f"{author}.json")
        columns[author] = counts
        if given.counts:
            given.counts.mkdir(parents=True, exist_ok=True)
            write_counts(given.counts / f"{author}.json", counts)
    print(table("functionality", columns))


if __name__ == "__main__":
    main()

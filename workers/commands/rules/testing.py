"""``rules test``: tries a change on the cases of a site's rule book and on its people's last decisions, with the models
in this process."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from moderation.ground.database.engine import Database
from moderation.ground.environment.clock import utc_now
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import InvalidInput, NotFound
from moderation.ground.values.policies import Policy
from moderation.insight.learning import rows as learning
from moderation.insight.trials import policies as trials
from moderation.insight.trials.policies import Material, Signals
from moderation.insight.trials.values import RuleOutcome, Trial, compare
from moderation.judging.policy import documents
from moderation.judging.signals.house import HOUSE
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import site_named
from moderation.sites import rows as sites
from moderation.sites.rules.values import FEWEST_CASES, Must
from workers.learning.rule_book_trial import NO_RULES, Models, measured, tried
from workers.scoring.house import model as house
from workers.scoring.house.model import HouseModel
from workers.scoring.scorer import Scorer

WORSE = 3
SHOWN = 5  # of each kind, of a rule
LINE = 100
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("test")
@click.argument("site_name", metavar="SITE")
@click.option(
    "--policy", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A policy as JSON."
)
@click.option("--house-version", type=click.IntRange(min=0), help="A version from `learn versions`; 0 for none.")
@click.option("--toxicity-model", help="Other weights, as in TOXICITY_MODEL.")
@click.option("--decisions", type=click.IntRange(min=0, max=10_000), default=trials.DECISIONS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def test(
    ctx: click.Context,
    site_name: str,
    file: Path | None,
    house_version: int | None,
    toxicity_model: str | None,
    decisions: int,
    as_json: bool,
) -> None:
    """Try a change on the cases of SITE's rule book and on its people's last decisions.

    The change is another policy, house model or toxicity model, or all of them. Without a change, the cases are tried
    on the policy in force. The exit status is 3 if any rule comes off worse: a lead has to look at it.
    """
    operated: Operated = ctx.obj
    settings = operated.settings
    with closing(operated.database()) as database:
        site_id = site_named(database, site_name)
        policy, edited = _policies(database, site_id, file)
        models = Models(_scorer(settings, settings.toxicity_model), _house(database, site_id, None))
        is_new = house_version is not None or toxicity_model is not None
        others = models
        if is_new:
            scorer = _scorer(settings, toxicity_model) if toxicity_model else models.scorer
            others = Models(scorer, models.house if house_version is None else _house(database, site_id, house_version))
        now = utc_now()
        material = trials.material(database, site_id, now=now, decisions=decisions)
        before = measured(database, site_id, material, models, with_decided=is_new, now=now)
        after = measured(database, site_id, material, others, with_decided=True, now=now) if is_new else before
    has_change = is_new or file is not None
    trial = tried(material, before, after, policy, edited) if has_change else _as_it_is(material, before, policy)
    click.echo(json.dumps(_form(trial)) if as_json else "\n".join(_lines(trial)))
    if trial.worse:
        ctx.exit(WORSE)


def _policies(database: Database, site_id: str, file: Path | None) -> tuple[Policy, Policy]:
    """The one in force, and the one of the file or else the same again."""
    with database.read() as conn:
        row = sites.current_policy(conn, site_id)
    policy = documents.parse(row.document, row.version)
    if file is None:
        return policy, policy
    try:
        return policy, documents.parse(json.loads(file.read_text(encoding="utf-8")), row.version + 1)
    except (ValueError, OSError) as e:
        raise click.BadParameter(f"is no JSON: {e}", param_hint="--policy") from e
    except InvalidInput as e:
        raise click.BadParameter(f"is no policy: {e}", param_hint="--policy") from e


def _scorer(settings: Settings, toxicity_model: str) -> Scorer:
    """Raises ModelUnavailable."""
    return Scorer.load(
        toxicity_model=toxicity_model,
        engine=settings.toxicity_engine,
        threads=settings.model_threads,
        cache_dir=settings.gavel_home / "models",
    )


def _house(database: Database, site_id: str, version: int | None) -> HouseModel | None:
    """That version, the one in use if none is named, or none for 0. Raises NotFound."""
    if version == 0:
        return None
    with database.read() as conn:
        kept = learning.versions(conn, site_id, HOUSE.name)
    row = next((row for row in kept if (row.is_current if version is None else row.version == version)), None)
    if row is None and version is not None:
        raise NotFound("version of the house model", str(version))
    return house.unpack(row.weights, version=f"{HOUSE.name}@{row.version}") if row is not None else None


def _as_it_is(material: Material, signals: Signals, policy: Policy) -> Trial:
    """The cases beside their right answers."""
    right = {case.id: case.must is Must.HELD for case in material.cases}
    return compare(material.book, material.cases, right, trials.answers(material.comments(signals), policy))


def _lines(trial: Trial) -> list[str]:
    lines = [f"rule book, version {trial.book_version}: {len(trial.outcomes)} lines, {len(trial.worse)} worse"]
    for outcome in trial.outcomes:
        lines.append(
            f"  {'WORSE' if outcome.is_worse else 'ok':5}  {NO_RULES.get(outcome.rule, outcome.rule):34}"
            f" right {outcome.right_before:,} -> {outcome.right_after:,} of {outcome.texts:,}"
        )
        lines += _examples(outcome)
    lines += [f"  not tried: {key} (needs {FEWEST_CASES} cases of each kind)" for key in trial.unready]
    return lines


def _examples(outcome: RuleOutcome) -> list[str]:
    now_wrong = [f"         now wrong, must be {text.must}: {_begun(text.text)}" for text in outcome.wronged[:SHOWN]]
    now_right = [f"         now right: {_begun(text.text)}" for text in outcome.righted[:SHOWN]]
    return [*now_wrong, *now_right]


def _begun(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def _form(trial: Trial) -> dict[str, Any]:
    outcomes = [
        {
            "rule": outcome.rule,
            "texts": outcome.texts,
            "right_before": outcome.right_before,
            "right_after": outcome.right_after,
            "righted": [text.id for text in outcome.righted],
            "wronged": [text.id for text in outcome.wronged],
            "worse": outcome.is_worse,
        }
        for outcome in trial.outcomes
    ]
    book = {"version": trial.book_version, "digest": trial.digest}
    return {"rule_book": book, "outcomes": outcomes, "not_tried": list(trial.unready), "worse": bool(trial.worse)}

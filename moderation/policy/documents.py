"""A policy as the JSON document that editors read and write. It refuses rules that cannot mean what the writer
intended: a limit out of range, a rule in the wrong direction, an unknown name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.errors import FieldProblem, InvalidInput
from moderation.model import Action, Override, Policy, Rule
from moderation.signals.registry import RULED, SIGNALS
from moderation.signals.spec import SignalSpec
from moderation.text.words import is_searchable

MAX_RULES = 200  # in the whole document, overrides included
MAX_WORDS = 5_000  # in each list
MAX_WORD_CHARS = 100
MAX_LABEL_CHARS = 200
MAX_OVERRIDES = 1_000  # sections, and articles
MAX_KEY_CHARS = 200
MIN_STEM_CHARS = 3

_RULE_KEYS = ("signal", "at_least", "below", "action", "label")
_OVERRIDE_KEYS = ("rules", "without")
_POLICY_KEYS = ("version", "rules", "required", "default", "banned_words", "suspect_words", "sections", "articles")


def parse(document: Mapping[str, Any], version: int) -> Policy:
    """The policy in a document, as version ``version``. Raises InvalidInput, which names each wrong field.

    A ``version`` in the document is the one that its writer read. It is ignored here: the store assigns the next one.
    """
    reader = _Reader()
    policy = reader.policy(document, version)
    if reader.problems:
        raise InvalidInput(*reader.problems)
    return policy


def dump(policy: Policy) -> dict[str, Any]:
    """A policy as a document. ``parse`` makes an equal policy from it."""
    return {
        "version": policy.version,
        "default": policy.default.value,
        "required": sorted(policy.required),
        "rules": [_dump_rule(rule) for rule in policy.rules],
        "banned_words": list(policy.banned_words),
        "suspect_words": list(policy.suspect_words),
        "sections": {name: _dump_override(override) for name, override in policy.sections.items()},
        "articles": {name: _dump_override(override) for name, override in policy.articles.items()},
    }


def _dump_rule(rule: Rule) -> dict[str, Any]:
    bound = "at_least" if rule.at_least is not None else "below"
    return {"signal": rule.signal, bound: rule.limit, "action": rule.action.value, "label": rule.label}


def _dump_override(override: Override) -> dict[str, Any]:
    return {"rules": [_dump_rule(rule) for rule in override.rules], "without": sorted(override.without)}


class _Reader:
    """Reads on past a wrong field, with a stand-in that nobody sees, so that an editor mends all in one go."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []
        self._rules = 0

    def policy(self, document: object, version: int) -> Policy:
        fields = self._object(document, "", _POLICY_KEYS)
        for name in ("rules", "required"):
            if name not in fields:
                self._refuse(name, "is missing")
        return Policy(
            version=version,
            rules=self._rule_list(fields.get("rules", ()), "rules"),
            required=self._signals(fields.get("required", ()), "required"),
            default=self._choice(fields.get("default", "publish"), "default", (Action.PUBLISH, Action.FLAG)),
            banned_words=self._words(fields.get("banned_words", ()), "banned_words"),
            suspect_words=self._words(fields.get("suspect_words", ()), "suspect_words"),
            sections=self._overrides(fields.get("sections", {}), "sections"),
            articles=self._overrides(fields.get("articles", {}), "articles"),
        )

    def _overrides(self, value: object, path: str) -> dict[str, Override]:
        named = self._object(value, path)
        if len(named) > MAX_OVERRIDES:
            self._refuse(path, f"holds {len(named)} and may hold {MAX_OVERRIDES}")
            return {}
        for name in named:
            if not 0 < len(name) <= MAX_KEY_CHARS:
                self._refuse(path, f"has a name that is not of 1 to {MAX_KEY_CHARS} characters")
        return {name: self._override(override, f"{path}.{name}") for name, override in named.items()}

    def _override(self, value: object, path: str) -> Override:
        fields = self._object(value, path, _OVERRIDE_KEYS)
        rules = self._rule_list(fields.get("rules", ()), f"{path}.rules")
        without = self._signals(fields.get("without", ()), f"{path}.without")
        for name in sorted(without & {rule.signal for rule in rules}):
            self._refuse(f"{path}.without", f"drops {name}, which the rules beside it name")
        for name in sorted((without - RULED.keys()) & SIGNALS.keys()):
            self._refuse(f"{path}.without", f"cannot drop {name}: a language without a model goes to a person")
        return Override(rules, without)

    def _rule_list(self, value: object, path: str) -> tuple[Rule, ...]:
        entries = self._list(value, path)
        self._rules += len(entries)
        if self._rules > MAX_RULES:
            self._refuse(path, f"brings the policy to {self._rules} rules and it may hold {MAX_RULES}")
            return ()
        return tuple(self._rule(entry, f"{path}[{index}]") for index, entry in enumerate(entries))

    def _rule(self, value: object, path: str) -> Rule:
        fields = self._object(value, path, _RULE_KEYS)
        spec = self._spec(fields.get("signal"), f"{path}.signal")
        action = self._choice(fields.get("action"), f"{path}.action", tuple(Action))
        label = self._label(fields.get("label", ""), f"{path}.label")
        given = [name for name in ("at_least", "below") if fields.get(name) is not None]
        if len(given) != 1:
            self._refuse(path, "needs one of at_least and below")
            return _STAND_IN
        limit = self._limit(fields[given[0]], f"{path}.{given[0]}", spec)
        if spec and given[0] != (wanted := spec.bound_for(action)):
            self._refuse(f"{path}.{given[0]}", _wrong_direction(spec, action, wanted))
        return Rule(spec.name if spec else "", action, label=label, **{given[0]: limit})

    def _spec(self, value: object, path: str) -> SignalSpec | None:
        spec = SIGNALS.get(value) if isinstance(value, str) else None
        if spec is None:
            self._refuse(path, f"is not a signal: {_shown(value)}")
        elif not spec.is_ruled:
            self._refuse(path, "cannot be ruled on: a language without a model always goes to a person")
            return None
        return spec

    def _limit(self, value: object, path: str, spec: SignalSpec | None) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(path, "is not a number")
        elif spec and spec.scale == "score" and not 0 <= value <= 1:
            self._refuse(path, "is not between 0 and 1")
        elif spec and spec.scale == "count" and not (1 <= value <= 1e9 and value == int(value)):
            self._refuse(path, "is not a whole number from 1 up")
        else:
            return value
        return 1

    def _signals(self, value: object, path: str) -> frozenset[str]:
        names = self._list(value, path)
        for index, name in enumerate(names):
            if not isinstance(name, str) or name not in SIGNALS:
                self._refuse(f"{path}[{index}]", f"is not a signal: {_shown(name)}")
        return frozenset(name for name in names if isinstance(name, str))

    def _words(self, value: object, path: str) -> tuple[str, ...]:
        entries = self._list(value, path)
        if len(entries) > MAX_WORDS:
            self._refuse(path, f"holds {len(entries)} words and may hold {MAX_WORDS}")
            return ()
        for index, entry in enumerate(entries):
            if problem := _word_problem(entry):
                self._refuse(f"{path}[{index}]", problem)
        return tuple(entry.strip() for entry in entries if isinstance(entry, str))

    def _label(self, value: object, path: str) -> str:
        if isinstance(value, str) and len(value) <= MAX_LABEL_CHARS:
            return value
        self._refuse(path, f"is not a text of at most {MAX_LABEL_CHARS} characters")
        return ""

    def _choice(self, value: object, path: str, choices: tuple[Action, ...]) -> Action:
        if isinstance(value, str) and value in choices:
            return Action(value)
        self._refuse(path, f"is not one of {', '.join(choices)}")
        return Action.FLAG

    def _object(self, value: object, path: str, keys: tuple[str, ...] | None = None) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self._refuse(path or "policy", "is not an object")
            return {}
        for key in value:
            if keys is not None and key not in keys:
                self._refuse(f"{path}.{key}" if path else str(key), "is not known here")
        return value

    def _list(self, value: object, path: str) -> list[Any]:
        if isinstance(value, list | tuple):
            return list(value)
        self._refuse(path, "is not a list")
        return []

    def _refuse(self, path: str, message: str) -> None:
        self.problems.append(FieldProblem(path, message))


_STAND_IN = Rule("", Action.FLAG, at_least=1)


def _wrong_direction(spec: SignalSpec, action: Action, wanted: str) -> str:
    return f"would {action} the better comments: {spec.name} is worse when {spec.worse}, so use {wanted}"


def _word_problem(entry: object) -> str | None:
    if not isinstance(entry, str) or not 0 < len(entry.strip()) <= MAX_WORD_CHARS:
        return f"is not a text of 1 to {MAX_WORD_CHARS} characters"
    stem = entry.strip().removesuffix("*")
    if "*" in stem:
        return "may have * only at its end"
    if stem != entry.strip() and len(stem) < MIN_STEM_CHARS:
        return f"needs {MIN_STEM_CHARS} characters before *"
    return None if is_searchable(stem) else "holds nothing to look for"


def _shown(value: object) -> str:
    return repr(value)[:60]

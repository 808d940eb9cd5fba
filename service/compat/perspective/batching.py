"""Answers a batch. The texts of many parts go to the scoring process together, some at a time, so that callers with a
single text and little patience come in between."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from moderation.ground.errors import ScoringBusy
from moderation.judging.text.reading_cost import cost_of
from moderation.pipeline.drafts.drafts import Checked, Draft
from moderation.sites.keys import Scope
from moderation.sites.rows import Key
from moderation.sites.settings.values import SiteSettings
from service import auth
from service.auth import Requirement
from service.checking import checks
from service.compat import frame
from service.compat.perspective.analysis import Analysis, analysis_of, answer, check_attributes
from service.compat.perspective.batch import MAX_BYTES, Answered, BatchCall, parts_of, written
from service.compat.perspective.performing import LONGEST_DEADLINE_S, settings_of, suggest
from service.compat.perspective.refusals import Refusal, refusal_of
from service.compat.perspective.replying import written as in_json
from service.web.places import Places, length_of

AT_ONCE, CHARS_AT_ONCE = 16, 10_000  # texts, and characters unless one text alone has more
WHOLE_S, RETRY_S = 25.0, 5  # for all parts, and until a batch too many may try again
PLACES = 3  # batches at once in a process: the other threads are for callers with a single text
NEEDED = Requirement(Scope.SCORE, takes_body=False, max_bytes=MAX_BYTES, is_public=False)
_places = Places(PLACES)
ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"


@dataclass(frozen=True, slots=True)
class BegunPart:
    """A part whose text has yet to be scored."""

    part: BatchCall
    analysis: Analysis
    settings: SiteSettings
    key: Key

    @property
    def cost(self) -> int:
        """Of reading its texts, in pieces."""
        return sum(cost_of(draft.text) for draft in self.analysis.drafts())


def answer_batch(outer_key: str | None) -> Response:
    """``outer_key`` counts for parts that have none. Raises Refusal for a body that is no batch, and ScoringBusy."""
    until = time.monotonic() + WHOLE_S
    request.max_content_length = MAX_BYTES
    begun = [_begin(part, outer_key) for part in parts_of(request.content_type or "", request.get_data(cache=False))]
    waiting = [call for call in begun if isinstance(call, BegunPart)]
    scored = iter(_in_a_place(waiting, until))
    content_type, body = written([next(scored) if isinstance(call, BegunPart) else call for call in begun])
    return Response(body, content_type=content_type)


def _in_a_place(waiting: Sequence[BegunPart], until: float) -> list[Answered]:
    """The place is of the first part's site and key."""
    if not waiting:
        return []
    key, cost = waiting[0].key, sum(call.cost for call in waiting)
    with _places.place(key.site_id, key.id, length=length_of(cost)) as has_place:
        if not has_place:
            raise ScoringBusy("as many batches are being answered as there may be at once", RETRY_S)
        return _score(waiting, until)


def _begin(part: BatchCall, outer_key: str | None) -> BegunPart | Answered:
    """Checks the key and reads the message; ``suggestscore`` is answered at once."""
    try:
        token = part.key or outer_key
        if token is None:
            raise frame.NoKey
        auth.admit(token, NEEDED)
        key = auth.current_key()
        if (part.method, part.path) == ("POST", SUGGEST):
            return Answered(part.id, 200, in_json(suggest(part.body, key)[0]))
        if (part.method, part.path) != ("POST", ANALYZE):
            raise Refusal("Method not found.", code=404, status="NOT_FOUND")
        analysis, settings = analysis_of(part.body), settings_of(key.site_id)
        check_attributes(analysis, settings)
        return BegunPart(part, analysis, settings, key)
    except Exception as e:  # noqa: BLE001 - a part that fails leaves the others alone
        return _failed(part, e)


def _score(waiting: Sequence[BegunPart], until: float) -> list[Answered]:
    answers: list[Answered] = []
    while some := _next(waiting[len(answers) :]):
        answers += _score_some(some, until)
    return answers


def _next(waiting: Sequence[BegunPart]) -> Sequence[BegunPart]:
    """The first parts, as far as they are of one key and go together."""
    some: list[BegunPart] = []
    texts = chars = 0
    for call in waiting[:AT_ONCE]:
        texts += len(call.analysis.drafts())
        chars += len(call.analysis.text) * len(call.analysis.drafts())
        if some and (call.key.id != some[0].key.id or texts > AT_ONCE or chars > CHARS_AT_ONCE):
            break
        some.append(call)
    return some


def _score_some(some: Sequence[BegunPart], until: float) -> list[Answered]:
    drafts = [begun.analysis.drafts() for begun in some]
    try:
        checked = iter(_patiently(some[0].key, [draft for own in drafts for draft in own], until))
    except Exception as e:  # noqa: BLE001
        return [_failed(begun.part, e) for begun in some]
    answers = []
    for call, its in zip(some, drafts, strict=True):
        try:
            body = answer(call.analysis, [next(checked) for _ in its], call.settings).body
            answers.append(Answered(call.part.id, 200, in_json(body)))
        except Refusal as e:
            answers.append(_failed(call.part, e))
    return answers


def _patiently(key: Key, drafts: Sequence[Draft], until: float) -> list[Checked]:
    """Asks again while others are served first. Raises the errors of ``checks.check``."""
    while True:
        left_s = until - time.monotonic()
        try:
            deadline_s = min(left_s, LONGEST_DEADLINE_S)
            return checks.check(key.site_id, drafts, deadline_s=deadline_s, key_id=key.id)
        except ScoringBusy as e:
            if until - time.monotonic() <= e.retry_after_s:
                raise
            time.sleep(e.retry_after_s)


def _failed(part: BatchCall, error: Exception) -> Answered:
    refusal = error if isinstance(error, Refusal) else refusal_of(frame.fault_of(error))
    return Answered(part.id, refusal.code, in_json(refusal.body()))

"""The refusal of an answer that is no opinion."""

from __future__ import annotations

from moderation.ground.errors import GavelError
from moderation.judging.second_reader.values import Missing, RuleOpinion, missing


class NoOpinion(GavelError):
    """A contract found no opinion in an answer."""

    def __init__(self, why: Missing, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else str(why))
        self.why, self.detail = why, detail

    @property
    def opinion(self) -> RuleOpinion:
        return missing(self.why, self.detail)

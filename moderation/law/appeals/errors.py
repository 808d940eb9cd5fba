"""Why an appeal is not taken or not decided."""

from __future__ import annotations

from datetime import datetime

from moderation.ground.errors import FieldProblem, GavelError


class AlreadyAppealed(GavelError):
    """There is an appeal against the decision or the measure: one is all that there can be."""

    def __init__(self, decided_id: str) -> None:
        super().__init__(f"there is an appeal against {decided_id!r} already")
        self.decided_id = decided_id


class AppealTooLate(GavelError):
    """The time for appeals against the decision or the measure is over."""

    def __init__(self, decided_id: str, until: datetime) -> None:
        super().__init__(f"appeals against {decided_id!r} were possible until {until.isoformat()}")
        self.decided_id, self.until = decided_id, until


class DecisionOver(GavelError):
    """The decision or the measure was undone or changed, or the comment edited or withdrawn: there is nothing to appeal
    against."""

    def __init__(self, decided_id: str) -> None:
        super().__init__(f"{decided_id!r} no longer holds")
        self.decided_id = decided_id


class TooManyAppeals(GavelError):
    """So many appeals of one author, or at one site, are open that no other one is taken."""

    def __init__(self, whose: str, limit: int) -> None:
        super().__init__(f"{limit} appeals of this {whose} are open, which is the limit")
        self.limit = limit
        self.problems = (FieldProblem(whose, f"has {limit} open appeals, which is the site's limit"),)


class AppealDecided(GavelError):
    """Somebody decided the appeal first, or there was nothing left to decide."""

    def __init__(self, appeal_id: str) -> None:
        super().__init__(f"appeal {appeal_id!r} is decided already")
        self.appeal_id = appeal_id

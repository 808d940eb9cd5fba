"""Why an appeal is not taken or not decided."""

from __future__ import annotations

from datetime import datetime

from moderation.ground.errors import FieldProblem, GavelError


class AlreadyAppealed(GavelError):
    """There is an appeal against the decision: one is all that there can be."""

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"there is an appeal against decision {decision_id!r} already")
        self.decision_id = decision_id


class AppealTooLate(GavelError):
    """The time for appeals against the decision is over."""

    def __init__(self, decision_id: str, until: datetime) -> None:
        super().__init__(f"appeals against decision {decision_id!r} were possible until {until.isoformat()}")
        self.decision_id, self.until = decision_id, until


class DecisionOver(GavelError):
    """The decision was undone or changed, or its comment edited or withdrawn: there is nothing to appeal against."""

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"decision {decision_id!r} no longer holds")
        self.decision_id = decision_id


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

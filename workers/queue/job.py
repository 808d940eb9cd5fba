"""The only kind of job that our workers run: a name from the allow-list and ids. Whatever else the hash in Redis asks
for is refused, because whoever can write to Redis could otherwise run any function on a worker."""

from __future__ import annotations

from typing import Any

from rq.job import Job
from rq.utils import import_attribute

from moderation.queueing.jobs import FUNCTIONS


class JobNotAllowed(Exception):
    """The job names a function that is not ours to run."""


class AllowedJob(Job):
    """A Job that runs nothing outside ``moderation.queueing.jobs.FUNCTIONS`` and calls no callbacks or webhooks."""

    success_callback = property(lambda _self: None)
    failure_callback = property(lambda _self: None)
    stopped_callback = property(lambda _self: None)

    def send_webhooks(self, *args: Any, **kwargs: Any) -> None:
        """Never: the addresses come from Redis."""

    @property
    def func(self) -> Any:
        return import_attribute(self.function_path())

    def _execute(self) -> Any:
        self.function_path()
        return super()._execute()

    def function_path(self) -> str:
        """Where the job's function is. Raises JobNotAllowed."""
        path = FUNCTIONS.get(self.func_name or "")
        if path is None or self._instance is not None:
            raise JobNotAllowed(f"job {self.id} asks for {self.func_name!r}, which is not one of ours")
        return path

"""The only kind of job that our workers run: a name from the allow-list, and ids. They refuse everything else that the
hash in Redis asks for, because otherwise anybody who can write to Redis could run any function on a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis import Redis
from rq.job import Job
from rq.serializers import Serializer
from rq.utils import import_attribute

from moderation.ground.jobs.jobs import FUNCTIONS


class JobNotAllowed(Exception):
    """The job names a function that is not on the list."""


class AllowedJob(Job):
    """A job that runs only ``moderation.ground.jobs.jobs.FUNCTIONS`` and calls no callbacks and no webhooks."""

    success_callback = property(lambda _self: None)
    failure_callback = property(lambda _self: None)
    stopped_callback = property(lambda _self: None)

    def send_webhooks(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing: the addresses come from Redis."""

    @classmethod
    def of(cls, job_id: str, fields: Mapping[str, bytes], connection: Redis, serializer: Serializer) -> AllowedJob:
        """A job from some of the fields that Redis has of it. The others are as in a new job: ``refresh`` reads them
        all."""
        job = cls(job_id, connection=connection, serializer=serializer)
        job.restore(fields)
        return job

    @property
    def func(self) -> Any:
        return import_attribute(self.function_path())

    def _execute(self) -> Any:
        self.function_path()
        return super()._execute()

    def function_path(self) -> str:
        """The import path of the job's function. Raises JobNotAllowed."""
        path = FUNCTIONS.get(self.func_name or "")
        if path is None or self._instance is not None:
            raise JobNotAllowed(f"job {self.id} asks for {self.func_name!r}, which is not one of ours")
        return path

"""RQ's own SimpleWorker on the textbook queue, with one torch thread as our worker has."""

from __future__ import annotations

import os

import torch
from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from moderation.environment.settings import Settings
from moderation.jobs.jobs import connect_for_worker

if __name__ == "__main__":
    torch.set_num_threads(1)
    redis = connect_for_worker(Settings.from_env(os.environ).redis_url)
    queue = Queue("textbook", connection=redis, serializer=JSONSerializer)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(logging_level="WARNING")

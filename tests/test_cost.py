"""All that makes the tests cheap is in force in the process that runs them."""

from __future__ import annotations

import gc

import pytest

from moderation.operations import composition


def test_the_search_for_garbage_leaves_out_what_stays() -> None:
    assert gc.get_freeze_count() > 50_000
    searched = {id(thing) for thing in gc.get_objects()}
    assert {id(vars(module)) for module in (gc, pytest, composition)} & searched == set()

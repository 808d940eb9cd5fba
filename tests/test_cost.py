"""All that makes the tests cheap is in force in the process that runs them."""

from __future__ import annotations

import gc


def test_the_search_for_garbage_leaves_out_what_stays() -> None:
    assert gc.get_freeze_count() > 50_000
    assert len(gc.get_objects()) < gc.get_freeze_count()

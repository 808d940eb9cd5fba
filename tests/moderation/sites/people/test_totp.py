from __future__ import annotations

from datetime import UTC, datetime

import pytest

from moderation.sites.people import totp


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert totp.code_at(secret, seconds // 30) == code
    assert totp.matching_step(secret, code, now=datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, is_taken: bool) -> None:
    secret, now = totp.new_secret(), datetime(2026, 3, 2, 12, tzinfo=UTC)
    code = totp.code_at(secret, int(now.timestamp()) // totp.STEP_S + steps)

    assert (totp.matching_step(secret, code, now=now) is not None) is is_taken

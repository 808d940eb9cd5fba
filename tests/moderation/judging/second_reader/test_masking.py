"""A masked comment, as it leaves the house."""

from __future__ import annotations

import pytest

from moderation.judging.second_reader.masking import masked_for_model
from moderation.judging.text.reading import Reading


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Call me: +49 170 1234567 or jo.doe@gmail.com", "Call me: [contact] or [contact]"),
        ("Look: https://facebook.com/jane.doe.77?id=5 !", "Look: [link: facebook.com] !"),
        ("See www.bank.example/konto/4711", "See [link: bank.example]"),
        ("My order 20391177 never came.", "My order [number] never came."),
        ("In 1914 it cost 1.250.000 euros, 12345 of us paid.", "In 1914 it cost 1.250.000 euros, 12345 of us paid."),
        ("@jane Anna Berg is right, says Olaf Scholz.", "[name] [name] is right, says Olaf Scholz."),
        ("Nothing to mask here.", "Nothing to mask here."),
    ],
)
def test_ways_to_a_person_are_masked_and_the_argument_stays(text: str, sent: str) -> None:
    assert masked_for_model(Reading(text), ("Anna Berg",)) == sent


def test_a_link_without_a_readable_host_is_masked_whole() -> None:
    assert masked_for_model(Reading("http://[::1]/secret is it")) == "[link] is it"

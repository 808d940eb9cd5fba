"""A day as each of the readers' languages writes it out: ``2 de marzo de 2026``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

_MONTHS: Mapping[str, str] = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_FORMS: Mapping[str, str] = {"de": "{0}. {1} {2}", "es": "{0} de {1} de {2}", "pt": "{0} de {1} de {2}"}


def in_words(moment: datetime, language: str) -> str:
    """Raises KeyError for a language that no reader reads."""
    month = _MONTHS[language].split()[moment.month - 1]
    number = "1er" if language == "fr" and moment.day == 1 else moment.day
    return _FORMS.get(language, "{0} {1} {2}").format(number, month, moment.year)

"""The English names of languages, by the ISO 639 codes that sites send and that the detectors find."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNDETERMINED = "und"

_NAMES = """
af Afrikaans, am Amharic, an Aragonese, ar Arabic, as Assamese, az Azerbaijani, ba Bashkir, be Belarusian, bg Bulgarian,
bn Bengali, bo Tibetan, br Breton, bs Bosnian, ca Catalan, ce Chechen, ckb Central Kurdish, co Corsican, cs Czech,
cv Chuvash, cy Welsh, da Danish, de German, dv Dhivehi, dz Dzongkha, el Greek, en English, eo Esperanto, es Spanish,
et Estonian, eu Basque, fa Persian, fi Finnish, fil Filipino, fo Faroese, fr French, fy Western Frisian, ga Irish,
gd Scottish Gaelic, gl Galician, gn Guarani, gu Gujarati, gv Manx, ha Hausa, he Hebrew, hi Hindi, hr Croatian,
ht Haitian Creole, hu Hungarian, hy Armenian, ia Interlingua, id Indonesian, ig Igbo, is Icelandic, it Italian,
ja Japanese, jv Javanese, ka Georgian, kk Kazakh, km Khmer, kn Kannada, ko Korean, ku Kurdish, kw Cornish, ky Kyrgyz,
la Latin, lb Luxembourgish, li Limburgish, lo Lao, lt Lithuanian, lv Latvian, mg Malagasy, mi Maori, mk Macedonian,
ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt Maltese, my Burmese, nb Norwegian Bokmål, ne Nepali, nl Dutch,
nn Norwegian Nynorsk, no Norwegian, oc Occitan, om Oromo, or Odia, os Ossetic, pa Punjabi, pl Polish, ps Pashto,
pt Portuguese, qu Quechua, rm Romansh, ro Romanian, ru Russian, rw Kinyarwanda, sa Sanskrit, sc Sardinian, sd Sindhi,
se Northern Sami, sh Serbo-Croatian, si Sinhala, sk Slovak, sl Slovenian, so Somali, sq Albanian, sr Serbian,
st Southern Sotho, su Sundanese, sv Swedish, sw Swahili, ta Tamil, te Telugu, tg Tajik, th Thai, ti Tigrinya,
tk Turkmen, tl Tagalog, tr Turkish, tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek, vi Vietnamese, vo Volapük,
wa Walloon, wo Wolof, xh Xhosa, yi Yiddish, yo Yoruba, zh Chinese, zu Zulu
"""
NAMES: dict[str, str] = dict(entry.strip().split(" ", 1) for entry in _NAMES.replace("\n", " ").split(","))


def base_code(tag: str) -> str:
    """``en`` for ``en-GB``, ``en_US`` or ``EN``."""
    return re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]


def first_known(*tags: str | None) -> str:
    """The base code of the first language that is given, or UNDETERMINED."""
    return next((base_code(tag) for tag in tags if tag), UNDETERMINED)


def language_name(code: str) -> str:
    """``Arabic`` for ``ar`` and ``ar-EG``; the code itself where we know no name."""
    return NAMES.get(code.lower().partition("-")[0], code)


def names_of(codes: Iterable[str]) -> str:
    """``English and German``."""
    *first, last = [language_name(code) for code in codes]
    return f"{', '.join(first)} and {last}" if first else last

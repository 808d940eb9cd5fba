"""The worst English words as people respell them to get past a list: *niqqer*, *phaggot*, *kunt*. In other languages
some are ordinary words, so that they count in English sentences alone."""

from __future__ import annotations

from itertools import product

from service.desk.frame.texts.starred import MOST_HIDDEN

_WORST = frozenset(
    {"fuck", "fucks", "fucked", "fucker", "fuckers", "fucking", "shit", "shits", "shitty", "bitch", "bitches", "cunt",
     "cunts", "slut", "sluts", "whore", "whores", "nigger", "niggers", "nigga", "niggas", "faggot", "faggots"}
)  # fmt: skip
_RESPELLINGS = (("g", "q"), ("u", "v"), ("c", "k"), ("i", "y"), ("ck", "k"))


def words() -> tuple[str, ...]:
    """Each respelling once, in order."""
    spelled = (form for word in sorted(_WORST) for form in _respelled(word))
    return tuple(dict.fromkeys(form for form in spelled if form not in MOST_HIDDEN | _WORST))


def _respelled(word: str) -> list[str]:
    forms = [word]
    for chosen in product((False, True), repeat=len(_RESPELLINGS)):
        form = word
        for (letter, other), is_used in zip(_RESPELLINGS, chosen, strict=True):
            form = form.replace(letter, other) if is_used else form
        forms += [form, f"ph{form[1:]}" if form.startswith("f") else form]
    return [*forms, *(f"{form[:-1]}z" for form in forms if form.endswith("s"))]

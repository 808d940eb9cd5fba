"""Private data about somebody else, and all that only looks like it. Every number and address is made up, or reserved
for fiction."""

from __future__ import annotations

import pytest

from moderation.judging.signals.registry import SIGNALS
from moderation.judging.text.contacts.private_data import private_places
from moderation.judging.text.letters.folding import searched
from tests.builders import a_comment_to_score

GIVEN_AWAY = [
    # where somebody lives
    ("The reporter lives at 14 Elm Close, just so you know.", "14 Elm Close"),
    ("He lives on the corner, 2207 North Quincy Street. Pay him a visit.", "2207 North Quincy Street"),
    ("Her home address is 8 Larch Ave, Dayton. Do with that what you want.", "8 Larch Ave"),
    ("Knock on her door and ask: 31a Priory Road, first floor.", "31a Priory Road"),
    ("Find him at 77 Birchwood Drive most evenings", "77 Birchwood Drive"),
    ("Mrs Harlan, 12 Orchard Lane, Leeds LS6 9ZZ, wrote that letter.", "12 Orchard Lane"),
    ("Der Herr Stadtrat wohnt übrigens in der Lindenstraße 12, falls jemand fragen möchte.", "Lindenstraße 12"),
    ("Ihre Privatadresse: Am Alten Markt 3, dritter Stock", "Am Alten Markt 3"),
    ("Elle habite au 27 rue des Tilleuls, dites-lui bonjour.", "27 rue des Tilleuls"),
    ("Ce juge habite 4 bis, avenue de la Gare.", "4 bis, avenue de la Gare"),
    ("La concejala vive en la calle Mayor, 14, tercero izquierda.", "calle Mayor, 14"),
    ("Su domicilio es avenida del Sol 22", "avenida del Sol 22"),
    ("Il giornalista abita in via Garibaldi 31, andate a salutarlo.", "via Garibaldi 31"),
    ("Die rechter woont aan de Prinsengracht 941.", "Prinsengracht 941"),
    ("Zijn adres is Dorpsstraat 5", "Dorpsstraat 5"),
    # number plates
    ("He drives a silver Golf, plate AB51 XYZ. You know what to do.", "AB51 XYZ"),
    ("Her car is the red one, reg QQ19 ABC", "QQ19 ABC"),
    ("Sein Wagen steht jeden Abend dort, Kennzeichen M-XX 1234", "M-XX 1234"),
    ("Sa voiture est immatriculée AA-000-AA", "AA-000-AA"),
    ("Su coche, matrícula 0000 BBB, está siempre en doble fila", "0000 BBB"),
    ("La sua auto è targata AA 000 AA", "AA 000 AA"),
    ("Haar auto heeft kenteken 00-XXX-0", "00-XXX-0"),
    ("License plate is ABC-0123, same guy every time", "ABC-0123"),
    # telephone numbers
    ("Here is his number, ring him at three in the morning: 07700 900123", "07700 900123"),
    ("Tell her what you think of her: (613) 555-0188", "(613) 555-0188"),
    ("The councillor's private number is 0113 496 0123", "0113 496 0123"),
    ("Tom Harlow 07700 900456, he loves late calls", "07700 900456"),
    ("Ihre Handynummer ist 0171 0000123, ruft sie an!", "0171 0000123"),
    ("Son portable : 06 39 98 01 23", "06 39 98 01 23"),
    ("Su móvil es +34 600 000 123, llamadle", "+34 600 000 123"),
    ("Il suo cellulare: +39 320 0000123", "+39 320 0000123"),
    ("Bel hem maar eens: 06 12345678", "06 12345678"),
    # e-mail addresses
    ("Write to him at j.harlow1961@gmail.com and let him know", "j.harlow1961@gmail.com"),
    ("sabine.kreutz@gmx.de heißt die Dame", "sabine.kreutz@gmx.de"),
    ("Son mail perso c'est lucie.vasseur@orange.fr", "lucie.vasseur@orange.fr"),
    ("scrivetegli: g.bellandi@libero.it", "g.bellandi@libero.it"),
]

INNOCENT = [
    # authorities, newsrooms, shops, help lines
    "The planning office is at 14 Elm Close, go and read the plans there.",
    "Call your senator at (202) 555-0121 and tell him to vote no.",
    "Samaritans can be called on 116 123, or Childline 0800 1111.",
    "If you are struggling, call the crisis line on 0808 157 0000.",
    "The council's switchboard is 0113 496 0123, ask for Mrs Jones, it is her department.",
    "Report it to the non-emergency police number, 01632 960 123.",
    "Our library has moved to 12 Orchard Lane, LS6 9ZZ.",
    "Ticket office: 01632 960456, open until five.",
    "Write to the editor at letters@example.com, they printed mine.",
    "The press office is press.office@gmail.com, oddly enough.",
    "Mail info@stadtwerke-beispiel.de, die antworten schnell.",
    "savethemeadow@gmail.com is the petition's address",
    "Die Pressestelle des Rathauses: 0621 5550123",
    "Das Bürgertelefon hat die 0800 5550123.",
    "La mairie est au 3 rue de la République, le standard répond au 01 99 00 12 34.",
    "Numéro vert : 0 800 00 12 34",
    "El ayuntamiento atiende en la calle Mayor, 1, teléfono 900 123 456",
    "Il numero verde è 800 123 456, l'ufficio sta in via Roma 12.",
    "De gemeente zit aan de Dorpsstraat 5, bel 088 1234567.",
    "Best curry in town is at 22 Market Street, try the dal.",
    # reports and history
    "The fire at 14 Elm Close took two hours to put out.",
    "A man was stabbed at his home in 9 Larch Ave, the inquest heard.",
    "Dickens lived at 48 Doughty Street, it is a museum now.",
    "He lives at 10 Downing Street, he can afford it.",
    "221B Baker Street never existed when Holmes lived there.",
    "Der Unfall war in der Lindenstraße 12, direkt vor der Schule.",
    "L'incendie du 27 rue des Tilleuls a fait deux blessés.",
    "En la calle Mayor, 14 había un cine precioso.",
    "In via Garibaldi 31 c'era una libreria.",
    "De brand aan de Prinsengracht 941 was snel geblust.",
    "Police are looking for a van with the plate AB51 XYZ, witnesses please call.",
    # the writer's own
    "I live at 14 Elm Close and nobody has told us anything.",
    "My number is 07700 900123 if anybody found a grey cat.",
    "Call me on (613) 555-0188, I still have the old programme.",
    "Write to me at j.harlow1961@gmail.com for the recipe.",
    "Ich wohne in der Lindenstraße 12 und höre jeden Zug.",
    "Schreibt mir an sabine.kreutz@gmx.de",
    "J'habite 27 rue des Tilleuls depuis 1990.",
    "Vivo en la calle Mayor, 14 y no puedo dormir.",
    "Abito in via Garibaldi 31 da una vita.",
    "Ik woon aan de Prinsengracht 941.",
    "My car's plate is AB51 XYZ and they fined somebody else.",
    # what only looks like it
    "He lives in a street of 40 houses and 12 close neighbours.",
    "There were 300 people in the street and 12 drive-by shootings a year.",
    "She drives a 2019 BMW 320 and he drives an Audi A4.",
    "He lives on 30 euro a day; 500 way too few have more.",
    "The A38 and the M25 are worse, and his van does 30 mpg.",
    "It cost 1 200 000 and took 20 years, 2003-2023.",
    "The top speed of his car is 155 and the bill is HR 1234.",
    "Boeing's 737 MAX, flight KLM 1234, the plates of the wings",
    "Section 12 drives a coach and horses through it.",
    "Only 3 court cases and 2 close calls in his home state",
    "Wir haben im Jahr 2019 zum Beispiel 40 Leute eingestellt.",
    "Am Ende 3 zu 2, er wohnt in Bremen.",
    "Elle habite à Lyon depuis 20 ans et paie 900 euros.",
    "The 12 way tie, the 5 hill climbs, he lives in Ohio",
    "Nice to read. 4.2 million in 2011, 4.9 million in 2021.",
]


def found_in(text: str) -> list[str]:
    signal = SIGNALS["private_data"].signal_of(a_comment_to_score(text))
    assert signal.value == len(signal.evidence)
    return [text[span.start : span.end] for span in signal.evidence]


@pytest.mark.parametrize(("text", "shown"), GIVEN_AWAY, ids=lambda value: value[:40])
def test_private_data_of_somebody_else_is_found_where_it_is(text: str, shown: str) -> None:
    assert found_in(text) == [shown]


@pytest.mark.parametrize("text", INNOCENT, ids=lambda value: value[:40])
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert found_in(text) == []


def test_each_of_several_counts_and_the_places_are_in_order() -> None:
    text = "She lives at 14 Elm Close. Her number: 07700 900123, her car has the plate AB51 XYZ."

    assert found_in(text) == ["14 Elm Close", "07700 900123", "AB51 XYZ"]


def test_places_are_those_of_the_text_as_written() -> None:
    assert found_in("🏠🏠 he lives at １４ Elm Close ﷺ") == ["１４ Elm Close"]


def test_the_words_around_are_read_up_to_a_bound() -> None:
    far = "He lives at" + " some place or other," * 10 + " 14 Elm Close"

    assert found_in(far) == []
    assert private_places(far, searched(far)[0], ()) == ()

"""Names, trades, animals and ordinary words that only look like what the desk hides: every one stays visible."""

from __future__ import annotations

import pytest

from moderation.judging.text.reading_budget import UNLIMITED
from service.desk.frame.texts import masking

HARMLESS = """
Dick van Dyke danced on the roof in Mary Poppins.
I grew up with Dick Van Dyke and the chimney sweeps.
My uncle Dick ran the ferry for thirty years.
Dick Cheney shot a lawyer, and Dick Advocaat coached Sunderland.
We read Moby Dick in school and Philip K. Dick on the train.
Every Tom, Dick and Harry has an opinion on the bypass.
Spotted dick with custard, and faggots and peas after it.
Alistair Cook, Peter Cocks and Chris Coons sat on the panel.
Mrs Hancock, Mr Babcock, Alfred Hitchcock and Jarvis Cocker.
The muffin stall sold out before noon.
It was so foggy that the ferry turned round.
Two diagnoses in one week, and no specialist.
The Nazis burnt the library in 1933.
Scunthorpe, Penistone, Lightwater and Sussex voted late.
Essex and Middlesex, Cockermouth and Cockfosters.
The pilots left the cockpit to assess the damage.
A cocktail, a cockatoo, a shuttlecock and a peacock.
The council left the square spick and span.
Spic and span, as my gran said.
Fagin taught the boys to steal handkerchiefs.
Friction is a retarding force; snow may retard the growth of the vine.
Fire retardant foam was sprayed on the slope.
Her prickly answer was fair, and his conscience pricked him.
The news made me prick up my ears, and the finger prick did not hurt.
The dike held, as it did in Van Dyck's days.
Anthony van Dyck painted the king three times.
The dyke broke in 1953 and the polder was under water.
A raccoon and a Maine coon share the porch.
The tycoon sailed his boat into a lagoon.
Cock-a-leekie soup and a weather cock on the spire.
It is a cock and bull story from first to last.
The chink in the armour is the maintenance budget.
A chink of light fell through the blinds.
The class passed; the mass of the glass grasses the bass.
Assassins, assets, assemblies and compassion.
Matsushita and Shiitake mushrooms, shih-tzu and Shittim wood.
The bassist from Nigeria and the Nigerien minister flew to Niger.
A snigger went round, and he was niggardly with the tip.
Homo sapiens met Homo neanderthalensis.
The pussy willow is out, and Pussy Riot played.
Great tits and blue tits at the feeder; it is tit for tat.
The titmouse, the title, the titan and the constitution.
She graduated summa cum laude; a document of cumulative circumstance.
The scrap dealer wrapped it in crape paper.
Buttress, butter, button and rebuttal.
He saw the arsenal, the parsley and Arsene Wenger.
A bastion, a basket and the Bastille.
Analysis, canals and the annals of analog.
The therapist and the grape harvest in the drapery.
Swanky Swansea and Wankel engines.
Uncle Bob paid the damages on the Amsterdam dam.
The horehound and the whorl of the whole shore.
Sextet, Sexton Blake and the sextant.
Kick-off is at noon in Fukuoka and in Phuket.
Shitō-ryū is a school of karate.
Cunningham, Scunner and the country of Cunard.
Lesbos is an island, and Sappho lived there.
The Dutch for a thick book is een dik boek.
The law is an ass, as Mr Bumble says.
Pakistan played well, and the Pakistani bowler took six.
Jack Wills, Randy Newman and Fanny Cradock.
Kraut und Rüben, Sauerkraut und ein dicker Brei.
Die Luft ist dick, und das Ass bleibt im Ärmel.
Die Pute im Ofen, der Arzt hört zu, der Fickel Michael auch.
Der Wankelmotor schwankt, und die Wichtel sind munter.
Das Kreuzworträtsel und die Schlamperei im Amt.
Die Fotografie, der Fötus und die Mösebucht in Mörs.
Le retard du train de Paris est dû au gel.
La bite d'amarrage est au bout du quai, dans un cul-de-sac.
La salopette du député et la pédale de frein.
Le concours, la conférence et la conduite de Constance.
Une connexion, des connaissances et un conseiller.
Vivo con mi hermana y con su perro.
La disputa del diputado computa como falta.
El pollo, la pollería y la culpa del cálculo.
El reportero escribe un reportaje sobre la penitencia.
La sfiga non esiste, il caffè con la scopa nuova.
Il cavallo di Troia entrò in città.
Ik wil een huis huren en een nuttig boek kopen.
De slager sloeg de slag in de polder.
Det är slut för i dag, och faget är norskt.
Har du tid? Klokken er slutt, og fag er viktig.
Pedał hamulca był zepsuty, a kurtka wisi w szafie.
Nie, pan Hutkowski i pan Kurowski.
A bicha do banco e a reputação do deputado.
Dva puta sam rekao, tri puta godišnje.
La curva de la carretera y la curve of the road.
Muistaa muisti: Vitus Bering ja Perseus.
Жидкое мыло, хохлатая птица и педикюр; хулиган застрахован.
Nasrallah und Hisbollah, Kutaissi und Dubai.
"""


def test_there_are_more_than_seventy() -> None:
    assert len(HARMLESS.strip().splitlines()) >= 70


@pytest.mark.parametrize("text", HARMLESS.strip().splitlines())
def test_nothing_harmless_is_hidden(text: str) -> None:
    assert [text[span.start : span.end] for span in masking.hidden(text, UNLIMITED)] == []

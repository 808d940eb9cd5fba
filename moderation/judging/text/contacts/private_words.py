"""The words that say whose an address or a number is, in English, German, French, Spanish, Italian and Dutch."""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


_THING = r"(?:tele)?(?:phone|number|cell|mobile|landline|e-?mail|address|house|home|flat|car|van|plate|reg)"
OWN = _any(
    rf"(?:my|our)\s(?:(?:new|own|personal|private|work|home|mobile|cell|phone|e-?mail|old|business)\s){{0,2}}{_THING}",
    r"(?:call|text|phone|ring|e-?mail|mail|write(?:\sto)?|reach|contact|message|dm|whatsapp|join|ask|visit)\s(?:me|us)",
    r"i\s(?:live|lived|grew\sup|was\sborn|work)|we\s(?:live|lived|are|meet|met)|i['’]?m\sat",
    r"our\s(?:shop|office|meeting|stall|group)",
    r"meine?r?\s(?:neue\s)?(?:nummer|handynummer|telefonnummer|adresse|e-?mail|handy|kennzeichen|auto)",
    r"(?:bei|an)\s(?:mir|mich|uns)|mich\san",
    r"schreibt?\s(?:mir|uns)|ich\swohne|wir\swohnen|unsere?\s(?:adresse|nummer|laden|praxis)",
    r"(?:mon|notre)\s(?:numéro|adresse|portable|mail|e-mail|téléphone)",
    r"(?:appelez|contactez|écrivez|appelle|contacte|écris)-(?:moi|nous)",
    r"j['’]habite|nous\shabitons|joindre\sau",
    r"(?:mi|nuestro)\s(?:número|teléfono|correo|móvil|dirección)|ll[aá]mame|escr[ií]b[ae]me|contáctame",
    r"vivo\sen|vivimos\sen",
    r"(?:il\s)?mio\s(?:numero|telefono|indirizzo|cellulare)|(?:la\s)?mia\s(?:mail|e-mail)|chiamami",
    r"scrivimi|contattami|abito\sin|abitiamo",
    r"mijn\s(?:nummer|adres|mail|telefoon)|(?:bel|mail|app)\s(?:me|mij|ons)|ik\swoon|wij\swonen",
)
"""The writer's own."""

HOME = _any(
    r"(?:lives|resides|hides|sleeps)\s(?:\w+\s){0,3}(?:at|on|in)|(?:home|house|flat|apartment)\sis\s(?:at|on)",
    r"(?:home|private|personal)\s(?:\w+\s)?(?:number|phone|address|e-?mail|mobile|cell|line)",
    r"(?:his|her|the\s\w+['’]s)\s(?:home|house|flat)\s?(?:is|:|at)?\s?(?:…|number|no)",
    r"(?:his|her|their)\s(?:\w+\s)?address(?:\sis)?",
    r"(?:find|visit|greet|wake)\s(?:him|her|them)\s(?:at|in|on)|(?:pay|paying)\s(?:him|her|them)\sa\svisit",
    r"knock\son\s(?:his|her|their)",
    r"wohnt|wohnhaft|(?:seine|ihre|deren)\s(?:privat)?(?:adresse|anschrift)|"
    r"privat(?:e|er|en)?\s?(?:nummer|adresse|handynummer|telefonnummer|anschrift)|"
    r"(?:sein|ihr)\shaus|bei\s(?:ihm|ihr)\s(?:zu\shause|klingel\w*|vorbei)",
    r"habite|réside|demeure|(?:il|elle|qui)\svit|(?:son|leur)\sadresse|adresse\spersonnelle|"
    r"(?:numéro|portable)\s(?:privé|personnel)|"
    r"chez\s(?:lui|elle)",
    r"vive\sen|reside\sen|su\s(?:dirección|domicilio|casa)",
    r"(?:número|teléfono|móvil|correo)\s(?:privado|particular|personal)",
    r"abita\s(?:in|a|al)|risiede\s(?:in|a)|il\ssuo\sindirizzo",
    r"(?:numero|telefono|cellulare|indirizzo)\s(?:privato|personale)|casa\ssua",
    r"woont\s(?:\w+\s)?(?:op|aan|in)|(?:zijn|haar)\s(?:huis)?adres|privé\s?(?:nummer|adres|mail)",
    r"privé(?:nummer|adres|telefoon)",
)
"""Somebody else's private life."""

OF_A_PERSON = _any(
    r"(?:his|her)\s(?:\w+\s)?(?:number|phone|cell|mobile|e-?mail|address)",
    r"(?:call|ring|text|phone|e-?mail|tell|wake|bother|write(?:\sto)?)\s(?:him|her)",
    r"(?:give|send)\s(?:him|her)\s(?:a|your)",
    r"(?:mr|mrs|ms|miss|dr|herr|frau|monsieur|madame|señor|señora|signor|signora|meneer|mevrouw)\.?\s[^\W\d_]+",
    r"(?:seine|ihre)\s(?:\w+\s)?(?:nummer|handynummer|telefonnummer|mailadresse|e-?mail)",
    r"ruft?\s(?:ihn|sie)\san|schreibt?\s(?:ihm|ihr)",
    r"son\s(?:numéro|portable|mail|e-mail|téléphone)|(?:appelez|écrivez|appelle)-(?:le|la|lui)",
    r"su\s(?:número|teléfono|móvil|correo)|ll[aá]m[ae]d?l[aoe]|escríb[ai]d?le",
    r"(?:il\s)?suo\s(?:numero|telefono|cellulare)|(?:la\s)?sua\s(?:mail|e-mail)|chiamatel[oa]|scriveteg?li",
    r"(?:zijn|haar)\s(?:nummer|mail|telefoonnummer|mobiel)|bel\s(?:hem|haar)|mail\s(?:hem|haar)",
)
"""A person is meant, privately or in an office."""

PUBLIC = _any(
    r"help\s?lines?|hot\s?lines?|tip\s?lines?|life\s?lines?|police|sheriff|emergency|non-emergency",
    r"samaritans|crisis|counsell?ing|charity|shelter|rescue",
    r"offices?|council|town\shall|city\shall|department|dept|ministry|embassy|consulate|court|registry|"
    r"switchboard|senators?|congress\w*|representatives?|"
    r"governor|mayor|parliament|mp|mps|mla|constituency|white\shouse|campaign|committee|union|association",
    r"society|club|ombudsman|irs|hmrc|nhs|hydro",
    r"hospital|clinic|surgery|practice|pharmacy|dentist|vet|school|university|college|library|museum",
    r"theatre|theater|church|mosque|synagogue|temple|parish",
    r"shop|store|restaurant|pub|bar|caf[eé]|bakery|hotel|gallery|garage|company|customers?|service|"
    r"services|support|box\soffice|tickets?|bookings?|"
    r"reservations?|front\sdesk|reception|ltd|inc|llc|plc|gmbh|newsroom|press|media|editors?|newspaper",
    r"letters|subscriptions?|scam\w*|spam\w*|fraud\w*|robocall\w*|caller\sid",
    r"fire|inquest|murder\w*|stabb\w*|arrested|blue\splaque|museum|born|built|century|historic",
    r"listed\sbuilding|for\ssale|sold|auction|investigat\w*|witness\w*|stolen|missing",
    r"polizei|behörde|\w*amt|rathaus|gemeinde\w*|ministerium|krankenhaus|klinik|\w*praxis|apotheke|schule|"
    r"verein|redaktion|presse\w*|laden|geschäft|gasthaus|firma|"
    r"kunden\w*|\w*beratung|\w*seelsorge|notruf|bürgertelefon|\w*büro|sekretariat|bundestag|abgeordnete\w*",
    r"gericht|zeugen|feuerwehr|hilfe\w*|betrug\w*",
    r"mairie|préfecture|ministère|hôpital|clinique|cabinet|pharmacie|école|association|rédaction|presse|"
    r"magasin|boutique|hôtel|entreprise|clients?|numéro\svert|"
    r"urgences?|samu|accueil|réservations?|député\w*|sénateur\w*|tribunal|pompiers|témoins?|arnaque\w*",
    r"policía|ayuntamiento|ministerio|clínica|farmacia|colegio|escuela|asociación|redacción|prensa|tienda|"
    r"restaurante|empresa|clientes?|atención|emergencias?|"
    r"oficinas?|reservas?|centralita|juzgado|bomberos|testigos?|estafa\w*",
    r"polizia|carabinieri|comune|ministero|ospedale|clinica|farmacia|scuola|associazione|redazione|stampa|"
    r"negozio|ristorante|albergo|azienda|assistenza|"
    r"numero\sverde|uffici\w*|prenotazion\w*|centralino|tribunale|testimon\w*|truffa\w*",
    r"politie|gemeente\w*|ministerie|ziekenhuis|kliniek|\w*praktijk|apotheek|vereniging|redactie|winkel|"
    r"bedrijf|klanten\w*|hulplijn|meldpunt|kantoor|balie|"
    r"rechtbank|brandweer|getuigen|oplicht\w*",
)
"""An authority, a newsroom, a shop, a help line; or a report of something that happened somewhere."""

_PLATE = (
    r"plates?|reg(?:istration)?(?:\s(?:number|no|is|nr))?|tags?",
    r"(?:auto)?kennzeichen|nummernschild|immatricul\w+|plaque|matrícula|placa|targa(?:ta|to)?|kenteken(?:plaat)?",
)
_CAR = (
    r"drives\s(?:a|an|the)|(?:his|her|their)\s(?:\w+\s){0,2}(?:car|van|truck|suv|bike|bmw|audi|tesla)",
    r"(?:sein|ihr)e?n?\s(?:auto|wagen)|fährt\s(?:einen|ein)|(?:sa|leur)\svoiture|roule\sen|su\scoche|conduce\sun",
    r"(?:la\ssua|sua)\s(?:auto|macchina)|guida\s(?:una?|un['’])|(?:zijn|haar)\sauto|rijdt\s(?:in\s)?een",
)
PLATE_WORDS, PLATE_OR_CAR = _any(*_PLATE), _any(*_PLATE, *_CAR)

_DIRECTORY = r"0?800|0808|0300|0303|033\d|034[345]|084[345]|087[01]|116"
PUBLIC_NUMBERS = re.compile(
    rf"(?:\+?44)?(?:{_DIRECTORY})|1?(?:800|888|877|866|855|844|833|900)\d{{7}}$|"
    r"(?:0049|49)?0?(?:180|190|900|137|800)\d|(?:33)?0?8\d{8}$|90[012]\d{6}$|(?:31)?0?(?:88|900)\d"
)
"""Freephone, shared-cost and service numbers."""

_MAIL_DOMAINS = (
    "gmail.com googlemail.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it outlook.com "
    "outlook.de outlook.fr outlook.es live.com live.co.uk live.nl live.fr msn.com yahoo.com yahoo.co.uk yahoo.de "
    "yahoo.fr yahoo.es yahoo.it ymail.com aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me "
    "mail.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de arcor.de posteo.de mailbox.org "
    "orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr telefonica.net terra.es "
    "libero.it virgilio.it alice.it tiscali.it tin.it fastwebnet.it ziggo.nl kpnmail.nl planet.nl hetnet.nl "
    "xs4all.nl home.nl btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk "
    "comcast.net verizon.net att.net sbcglobal.net cox.net charter.net rogers.com shaw.ca sympatico.ca telus.net "
    "bigpond.com optusnet.com.au"
)
PRIVATE_MAIL_DOMAINS = frozenset(_MAIL_DOMAINS.split())
"""Where people have mailboxes of their own. A firm's or an office's domain is nobody's private address."""

PUBLIC_MAILBOXES = re.compile(
    r"info|contact|kontakt|redakt|editor|news|press|presse|office|hello|support|admin|service|letters|tips|"
    r"sales|shop|booking|reserv|event|club|team|"
    r"group|friends|save|campaign|action|volunteer|verein|asso|union|comit|petition|charity|church|school|"
    r"parish|council|society|hotel|restaurant|studio"
)
"""Parts of the name of a mailbox that many share."""

KNOWN_ADDRESSES = re.compile(
    r"(?:10|11)\sdowning|1600\spenn|221\s?b?\sbaker|742\severgreen|24\ssussex|55\srue\sdu\sfaubourg|"
    r"36,?\squai\sdes\sorf",
    re.IGNORECASE,
)
"""Those that everybody knows."""

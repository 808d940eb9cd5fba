"""The words of wishes and petitions, in twelve languages, in small letters as ``folding.searched`` leaves them."""

from __future__ import annotations

CORES = (
    "rest in peace", "r.i.p", "condolences", "thoughts and prayers", "thoughts are with", "sorry for your loss",
    "gone but not forgotten", "happy birthday", "happy new year", "merry christmas", "congratulations",
    "ruhe in frieden", "beileid", "mitgefühl", "viel kraft", "alles gute zum geburtstag", "frohe weihnachten",
    "frohes neues jahr", "herzlichen glückwunsch", "repose en paix", "reposez en paix", "condoléances",
    "joyeux anniversaire", "joyeux noël", "bonne année", "félicitations", "descanse en paz", "descansa en paz",
    "condolencias", "pésame", "feliz cumpleaños", "feliz navidad", "feliz año nuevo", "felicidades", "enhorabuena",
    "riposa in pace", "condoglianze", "buon compleanno", "buon natale", "buon anno", "congratulazioni", "auguri",
    "descanse em paz", "condolências", "sentimentos", "feliz aniversário", "feliz natal", "feliz ano novo", "parabéns",
    "rust in vrede", "rust zacht", "gecondoleerd", "condoleances", "gefeliciteerd", "gelukkig nieuwjaar",
    "spoczywaj w pokoju", "kondolencje", "wyrazy współczucia", "wszystkiego najlepszego", "gratulacje",
    "başınız sağ olsun", "mekanı cennet olsun", "allah rahmet", "nur içinde yatsın", "mutlu yıllar", "tebrikler",
    "покойся с миром", "царствие небесное", "соболезнования", "светлая память", "вечная память", "с днем рождения",
    "с новым годом", "поздравляю", "turut berduka", "rest in power", "selamat ulang tahun", "selamat tahun baru",
    "selamat natal", "vila i frid", "kondoleanser", "grattis",
)  # fmt: skip

_WISHES = """
a all also always and are at be beautiful been best birthday bless christmas condolences congratulations dear deep
deepest everyone families family for forever forgotten friend friends from god gone great happy have he heart
heartfelt hearts her him his hugs i in is legend life lord loss loved loving man many may merry miss missed much
my never new not of one ones our peace person please power prayer prayers really rest rip sad sending she sincere
sincerest so sorry soul strength such sympathies sympathy terrible thank that the their them they thinking this
those thoughts time to too tragic truly us very was way we well were what who will wish wishes wishing with
wonderful woman year years you young your alle allen alles angehörigen aus das dein deine den der die du ein eine
er familie familien ferne freunde freunden frieden frohe frohes für geburtstag ganz glückwunsch gute guter herzen
herzlich herzliches herzlichen ich ihr ihm im jahr kraft lieben mein meine mensch mitgefühl mit neues ruhe sehr
sie traurig und unser unsere viel vom von weihnachten wir wünsche zeit zu zum aufrichtiges tiefes beileid dem
année anniversaire au aux avec bon bonne ce cette condoléances courage d de des en et famille familles
félicitations grand grande homme il joyeux l la le les leur mes mon noël nos notre nous paix pensées pour proches
repose reposez sa ses sincères son toute toutes tous tout triste un une à vous votre al amigos año con cumpleaños
del descansa descanse el ella es eterno familia familiares felicidades feliz fuerza gran las lo los mas mi mis
mucha muchas mucho navidad nuestro nuevo para paz persona pésame por que sentido se sincero su sus tan toda todas
todo todos tu una y más condolencias ai alla anno auguri bel buon buona caro che ci condoglianze congratulazioni
cuore da dei della di e famiglia mie nostro pace per riposa sentite tanti tua tutta tutti vicino ao aos
aniversário ano com condolências do dos em família força meus minhas muita muito muitos natal nossos novo o os
parabéns pêsames sentimentos sinceros sua um uma aan allemaal beste een gecondoleerd gefeliciteerd gelukkig haar
heel het hij je met mijn nabestaanden nieuwjaar oprechte rust sterkte van veel verlies voor vrede wij zacht zijn
bliskim cześć dla gratulacje jego jej kondolencje moje najgłębsze najlepszego pamięci pokoju rodzinie rodziny
spoczywaj szczere w wszystkiego współczucia wyrazy z ailesine allah başınız bütün cennet çok eylesin gani mekanı
mutlu nur içinde olsun rahmet sabır sağ sevenlerine tebrikler tüm ve yatsın yakınlarına yıllar близким в вам
вечная все всем днем е его ее земля и искренние как миром мои небесное новым годом память покойся поздравляю пухом
родным рождения с светлая семье соболезнования счастья царствие almarhum almarhumah baru berduka cita dan
diberikan diterima keluarga keluarganya ketabahan selamat semoga sisi tahun turut ulang untuk yang anhöriga av
familjen födelsedagen frid grattis kondoleanser med mina och på till varma vila vänner
"""
VOCABULARY = frozenset(_WISHES.split())
"""Nearly all words of a wish; the others are a name."""

PETITION_SITES = (
    "change.org", "openpetition.", "avaaz.org", "weact.campact.de", "petition.parliament.uk", "petitions.parliament.uk",
    "epetitionen.bundestag.de", "petitionen.bundestag.de", "38degrees.org.uk", "ipetitions.com", "gopetition.com",
    "petitions.assemblee-nationale.fr", "petitions.senat.fr", "mesopinions.com", "peticiones.senado.es",
    "peticaopublica.com", "participation.parlament.gv.at", "petitions.ourcommons.ca", "petities.nl", "roi.ru",
    "petition.europarl.europa.eu", "petiport.secure.europarl.europa.eu",
)  # fmt: skip

PETITIONS = (
    "petition", "pétition", "petición", "petizione", "petição", "abaixo-assinado", "petycj", "петици",
    "imza kampanyası", "petisi", "petitie", "namninsamling", "unterschriftenaktion", "volksbegehren",
    "we, the undersigned", "we the undersigned", "wir, die unterzeichn", "les soussignés", "los abajo firmantes",
    "мы, нижеподписавшиеся",
)  # fmt: skip

SIGNING = (
    "sign", "undersigned", "unterschr", "unterzeich", "mitzeich", "signez", "signer", "soussign", "firma", "firme",
    "firmate", "assin", "podpis", "подпи", "imzala", "tanda tangan", "tandatangani", "teken", "onderteken",
    "skriv under", "skriva under",
)  # fmt: skip

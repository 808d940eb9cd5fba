"""The keywords of the EU's transparency database in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.sites.settings.eu_terms import KEYWORD
from service.languages.wording import N_, gettext

_WORDS: Mapping[str, str] = {
    "ADULT_SEXUAL_MATERIAL": N_("Adult sexual material"),
    "AGE_SPECIFIC_RESTRICTIONS": N_("Restrictions by age"),
    "AGE_SPECIFIC_RESTRICTIONS_MINORS": N_("Restrictions by age, for minors"),
    "ANIMAL_HARM": N_("Harm to animals"),
    "BIOMETRIC_DATA_BREACH": N_("Breach of biometric data"),
    "BULLYING_AGAINST_GIRLS": N_("Bullying of girls"),
    "CHILD_SEXUAL_ABUSE_MATERIAL": N_("Depictions of child sexual abuse"),
    "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE": N_("Depictions of child sexual abuse, as a deepfake"),
    "CONTENT_PROMOTING_EATING_DISORDERS": N_("Promotion of eating disorders"),
    "COORDINATED_HARM": N_("Coordinated harm"),
    "COPYRIGHT_INFRINGEMENT": N_("Infringement of copyright"),
    "CYBER_BULLYING_INTIMIDATION": N_("Bullying and intimidation online"),
    "CYBER_HARASSMENT": N_("Harassment online"),
    "CYBER_HARASSMENT_AGAINST_WOMEN": N_("Harassment of women online"),
    "CYBER_INCITEMENT": N_("Incitement to hatred or violence online"),
    "CYBER_STALKING": N_("Stalking online"),
    "CYBER_STALKING_AGAINST_WOMEN": N_("Stalking of women online"),
    "DATA_FALSIFICATION": N_("Falsification of data"),
    "DEFAMATION": N_("Defamation"),
    "DESIGN_INFRINGEMENT": N_("Infringement of a design"),
    "DISCRIMINATION": N_("Discrimination"),
    "FEMALE_GENDERED_DISINFORMATION": N_("Disinformation against women"),
    "GEOGRAPHIC_INDICATIONS_INFRINGEMENT": N_("Infringement of geographical indications"),
    "GEOGRAPHICAL_REQUIREMENTS": N_("Geographical requirements"),
    "GOODS_SERVICES_NOT_PERMITTED": N_("Goods or services that are not permitted"),
    "GROOMING_SEXUAL_ENTICEMENT_MINORS": N_("Grooming or sexual enticement of minors"),
    "HATE_SPEECH": N_("Hate speech"),
    "HIDDEN_ADVERTISEMENT": N_("Hidden advertising"),
    "HUMAN_EXPLOITATION": N_("Exploitation of people"),
    "HUMAN_TRAFFICKING": N_("Trafficking in human beings"),
    "ILLEGAL_ORGANIZATIONS": N_("Illegal organisations"),
    "IMPERSONATION_ACCOUNT_HIJACKING": N_("Impersonation or hijacking of accounts"),
    "INAUTHENTIC_ACCOUNTS": N_("Fake accounts"),
    "INAUTHENTIC_LISTINGS": N_("Fake listings"),
    "INAUTHENTIC_USER_REVIEWS": N_("Fake reviews"),
    "INCITEMENT_AGAINST_WOMEN": N_("Incitement to violence or hatred against women"),
    "INCITEMENT_VIOLENCE_HATRED": N_("Incitement to violence or hatred"),
    "INSUFFICIENT_INFORMATION_ON_TRADERS": N_("Too little information on traders"),
    "LANGUAGE_REQUIREMENTS": N_("Requirements of language"),
    "MISINFORMATION_DISINFORMATION": N_("Misinformation or disinformation"),
    "MISLEADING_INFO_CONSUMER_RIGHTS": N_("Misleading information on consumers’ rights"),
    "MISLEADING_INFO_GOODS_SERVICES": N_("Misleading information on goods or services"),
    "MISSING_PROCESSING_GROUND": N_("No ground for processing data"),
    "NON_CONSENSUAL_IMAGE_SHARING": N_("Sharing of images without consent"),
    "NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN": N_("Sharing of images of women without consent"),
    "NON_CONSENSUAL_MATERIAL_DEEPFAKE": N_("Deepfakes without consent"),
    "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN": N_("Deepfakes of women without consent"),
    "NONCOMPLIANCE_PRICING": N_("Breach of rules on prices"),
    "NUDITY": N_("Nudity"),
    "PATENT_INFRINGEMENT": N_("Infringement of a patent"),
    "PHISHING": N_("Phishing"),
    "PROHIBITED_PRODUCTS": N_("Prohibited products"),
    "PYRAMID_SCHEMES": N_("Pyramid schemes"),
    "RIGHT_TO_BE_FORGOTTEN": N_("Right to be forgotten"),
    "RISK_ENVIRONMENTAL_DAMAGE": N_("Risk of damage to the environment"),
    "RISK_PUBLIC_HEALTH": N_("Risk for public health"),
    "SELF_MUTILATION": N_("Self-mutilation"),
    "STALKING": N_("Stalking"),
    "SUICIDE": N_("Suicide"),
    "TERRORIST_CONTENT": N_("Terrorist content"),
    "TRADE_SECRET_INFRINGEMENT": N_("Infringement of a trade secret"),
    "TRADEMARK_INFRINGEMENT": N_("Infringement of a trademark"),
    "TRAFFICKING_WOMEN_GIRLS": N_("Trafficking in women and girls"),
    "UNLAWFUL_SALE_ANIMALS": N_("Unlawful sale of animals"),
    "UNSAFE_CHALLENGES": N_("Dangerous challenges"),
    "UNSAFE_PRODUCTS": N_("Unsafe products"),
    "VIOLATION_EU_LAW": N_("Breach of EU law"),
    "VIOLATION_NATIONAL_LAW": N_("Breach of national law"),
    "OTHER": N_("Another keyword"),
}


def in_words() -> dict[str, str]:
    """Each keyword with its words, in their order."""
    words = {f"{KEYWORD}{name}": gettext(words) for name, words in _WORDS.items()}
    return dict(sorted(words.items(), key=lambda item: item[1].casefold()))

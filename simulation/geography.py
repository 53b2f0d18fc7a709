"""Markets of the simulated group: regions, languages, currencies, and how people write a country's name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """One country.

    Parameters
    ----------
    country : ISO 3166-1 alpha-2.
    share : of all accounts, before normalising.
    names : language of its companies' names, a key of the word lists.
    languages : BCP-47 tags of its people with their shares.
    currency : ISO 4217.
    rate : group currency per unit at the start.
    utc_offset : hours ahead of UTC.
    tld : of its web addresses.
    forms : legal forms, commonest first.
    labels : how a CRM's users write the country, the plain English name first.
    registration : pattern of its company register numbers; ``#`` stands for a digit.
    """

    country: str
    share: float
    names: str
    languages: tuple[tuple[str, float], ...]
    currency: str
    rate: float
    utc_offset: int
    tld: str
    forms: tuple[str, ...]
    labels: tuple[str, ...]
    registration: str


def _one(language: str) -> tuple[tuple[str, float], ...]:
    return ((language, 1.0),)


MARKETS = (
    Market("DE", 10, "de", (("de", 0.93), ("en", 0.07)), "EUR", 1.0, 1, "de",
           ("GmbH", "AG", "GmbH & Co. KG", "SE"), ("Germany", "Deutschland", "DEU"), "HRB ######"),
    Market("AT", 3, "de", (("de-AT", 0.8), ("de", 0.2)), "EUR", 1.0, 1, "at",
           ("GmbH", "AG"), ("Austria", "Österreich", "AUT"), "FN ######a"),
    Market("CH", 4, "de", (("de-CH", 0.65), ("fr-CH", 0.25), ("it-CH", 0.1)), "CHF", 0.93, 1, "ch",
           ("AG", "GmbH", "SA"), ("Switzerland", "Schweiz", "Suisse", "CHE"), "CHE-###.###.###"),
    Market("GB", 8, "en", _one("en-GB"), "GBP", 1.14, 0, "co.uk",
           ("Ltd", "PLC", "LLP"), ("United Kingdom", "GBR", "Great Britain"), "########"),
    Market("NL", 4, "nl", (("nl", 0.85), ("en", 0.15)), "EUR", 1.0, 1, "nl",
           ("B.V.", "N.V."), ("Netherlands", "Nederland", "NLD"), "KVK ########"),
    Market("SE", 3, "sv", (("sv", 0.88), ("en", 0.12)), "SEK", 0.098, 1, "se",
           ("AB",), ("Sweden", "Sverige", "SWE"), "55####-####"),
    Market("FR", 7, "fr", _one("fr"), "EUR", 1.0, 1, "fr",
           ("SAS", "SA", "SARL"), ("France", "FRA"), "### ### ###"),
    Market("ES", 5, "es", _one("es"), "EUR", 1.0, 1, "es",
           ("S.L.", "S.A."), ("Spain", "España", "ESP"), "B########"),
    Market("IT", 5, "it", _one("it"), "EUR", 1.0, 1, "it",
           ("S.r.l.", "S.p.A."), ("Italy", "Italia", "ITA"), "MI-#######"),
    Market("US", 18, "en", (("en-US", 0.95), ("es-US", 0.05)), "USD", 0.87, -6, "com",
           ("Inc.", "LLC", "Corp."), ("United States", "USA"), "##-#######"),
    Market("CA", 5, "en", (("en-CA", 0.75), ("fr-CA", 0.25)), "CAD", 0.66, -5, "ca",
           ("Inc.", "Ltd.", "Corp."), ("Canada", "CAN"), "#######-#"),
    Market("BR", 5, "pt", _one("pt-BR"), "BRL", 0.16, -3, "com.br",
           ("Ltda.", "S.A."), ("Brazil", "Brasil", "BRA"), "##.###.###/0001-##"),
    Market("MX", 4, "es", _one("es-MX"), "MXN", 0.046, -6, "com.mx",
           ("S.A. de C.V.", "S. de R.L. de C.V."), ("Mexico", "México", "MEX"), "N-##########"),
    Market("AR", 3, "es", _one("es-AR"), "ARS", 0.0042, -3, "com.ar",
           ("S.A.", "S.R.L."), ("Argentina", "ARG"), "30-########-#"),
    Market("JP", 6, "ja", _one("ja"), "JPY", 0.0064, 9, "co.jp",
           ("株式会社", "合同会社"), ("Japan", "日本", "JPN"), "############1"),
    Market("CN", 5, "zh", _one("zh-Hans"), "CNY", 0.128, 8, "cn",
           ("有限公司", "股份有限公司"), ("China", "中国", "CHN"), "91##############"),
    Market("SG", 2, "en", (("en-SG", 0.7), ("zh-Hans", 0.3)), "SGD", 0.65, 8, "com.sg",
           ("Pte. Ltd.",), ("Singapore", "SGP"), "20#######K"),
    Market("AU", 3, "en", _one("en-AU"), "AUD", 0.61, 10, "com.au",
           ("Pty Ltd", "Limited"), ("Australia", "AUS"), "ACN ### ### ###"),
    Market("ZA", 0.5, "en", _one("en-ZA"), "ZAR", 0.052, 2, "co.za",
           ("(Pty) Ltd",), ("South Africa", "ZAF"), "20##/######/07"),
    Market("TR", 0.5, "en", _one("en"), "TRY", 0.1, 3, "com.tr",
           ("A.Ş.",), ("Turkey", "Türkiye", "TUR"), "######-#"),
)  # fmt: skip

REGIONS = {
    "DACH": ("DE", "AT", "CH"),
    "NORTHERN_EUROPE": ("GB", "NL", "SE"),
    "SOUTHERN_EUROPE": ("FR", "ES", "IT"),
    "NORTH_AMERICA": ("US", "CA"),
    "LATAM": ("BR", "MX", "AR"),
    "APAC": ("JP", "CN", "SG", "AU"),
}
OTHER_REGION = "other"
REGION_NAMES = (*REGIONS, OTHER_REGION)

FALLBACKS = {
    "de-AT": ("de", "en"),
    "de-CH": ("de", "en"),
    "fr-CA": ("fr", "en"),
    "fr-CH": ("fr", "de", "en"),
    "it-CH": ("it", "de", "en"),
    "nl": ("en",),
    "sv": ("en",),
    "pt-BR": ("pt", "en"),
    "es-MX": ("es-419", "es", "en"),
    "es-AR": ("es-419", "es", "en"),
    "es-US": ("es-419", "es", "en-US", "en"),
    "zh-Hans": ("zh", "en"),
}
DEFAULT_LANGUAGES = ("en",)


def region_of(country: str) -> str:
    """Return the region of an ISO 3166-1 alpha-2 country, ``other`` where none names it."""
    return next((region for region, countries in REGIONS.items() if country in countries), OTHER_REGION)


def language_chain(language: str) -> tuple[str, ...]:
    """Return the languages to try for one asked, best first, each once."""
    bare = language.split("-")[0]
    return tuple(dict.fromkeys((language, *FALLBACKS.get(language, ()), bare, *DEFAULT_LANGUAGES)))

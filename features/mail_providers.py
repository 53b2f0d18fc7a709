"""Domains that say who carries somebody's mail, not whose it is."""

MAIL_PROVIDERS = frozenset((
    "126.com", "139.com", "163.com", "aol.com", "bigpond.com", "bluewin.ch", "bol.com.br", "comcast.net",
    "daum.net", "docomo.ne.jp", "ezweb.ne.jp", "fastmail.com", "foxmail.com", "free.fr", "freenet.de", "gmail.com",
    "gmx.at", "gmx.ch", "gmx.de", "gmx.net", "googlemail.com", "hanmail.net", "hotmail.co.jp", "hotmail.co.uk",
    "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com", "laposte.net", "libero.it",
    "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com",
    "outlook.de", "outlook.fr", "proton.me", "protonmail.com", "qq.com", "rediffmail.com", "sapo.pt", "seznam.cz",
    "sfr.fr", "sina.com", "softbank.ne.jp", "sohu.com", "t-online.de", "telefonica.net", "terra.com.br",
    "tiscali.it", "uol.com.br", "virgilio.it", "wanadoo.fr", "web.de", "wp.pl", "yahoo.co.jp", "yahoo.co.uk",
    "yahoo.com", "yahoo.com.br", "yahoo.com.mx", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.ru",
    "yeah.net", "ymail.com", "zoho.com",
))  # fmt: skip
"""Public mail providers: a domain among them names no company."""

"""A company's name as people look it up: without case, accents, punctuation and legal form, in its own script."""

from __future__ import annotations

import re
import unicodedata

_LEGAL_FORMS = re.compile(
    r"\b(ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated|kabushiki kaisha|kg|kk|limited|llc|llp|ltd|ltda"
    r"|nv|oy|plc|pte|pty|sa|sas|sarl|se|sl|spa|srl|ао|зао|ооо|пао|株|有|주식회사|유한회사)\b"
    r"|株式会社|有限会社|股份有限公司|有限责任公司|有限公司"
)


def plain_name(name: str) -> str:
    """Return a company's name without case, accents, punctuation and legal form, in its own script."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c if _is_letter(c) else " " for c in folded.replace(".", ""))
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if not _is_accent(c)))
    return " ".join(_LEGAL_FORMS.sub(" ", bare).split()) or " ".join(bare.split())


def _is_accent(character: str) -> bool:
    """Tell Latin, Greek and Cyrillic accents, which may be left out, from vowel signs of other scripts."""
    return "\u0300" <= character <= "\u036f"


def _is_letter(character: str) -> bool:
    """Tell letters, digits, and the marks that some scripts write vowels with, from what only parts words."""
    return character.isalnum() or unicodedata.category(character).startswith("M")

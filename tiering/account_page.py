"""The page of one account, one HTML file that needs no other."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader

from features.messages import speaker
from tiering.account_story import tell
from tiering.explanation import AccountExplanation


def write_account_page(explained: AccountExplanation, heading: str, language: str, path: Path) -> None:
    """Write what every business unit sees in an account, and how it comes about.

    Parameters
    ----------
    explained : the account.
    heading : what stands above it.
    language : BCP-47, of the reader.
    path : of the file; its folder is made.

    Raises
    ------
    InputError
        If Glocal does not speak the language.
    """
    speak = speaker(language)
    pages = Environment(loader=PackageLoader("tiering", "pages"), autoescape=True)
    text = pages.get_template("account.html").render(
        language=language,
        heading=heading,
        columns=[speak.say(name) for name in ("step", "odds", "probability after it", "because")],
        stories=[tell(unit, language) for unit in explained.units],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

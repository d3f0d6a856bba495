"""The languages of the pages: which one a visitor reads, its texts and numbers, by Flask-Babel.

The browser's wish decides (Accept-Language). Texts are English where they are written; what they
are in another language is in translations/<language>: `pages.po` has those of templates and Python,
`scripts.po` those of static/js, which come with a page as JSON. `make texts` collects them.

What only programs or the operator read stays English, and so does an error where nothing else was
asked for.
"""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import flask_babel
from babel import Locale
from babel.numbers import NumberPattern, parse_pattern
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from inkling.words import ENGLISH

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

DEFAULT = "en"
LANGUAGES = (DEFAULT, "ru", "ja", "de")
TRANSLATIONS = Path(__file__).parent / "translations"
PAGES, SCRIPTS = "pages", "scripts"
IN_ENGLISH = ("api", "admin", "curation", "networks", "health")  # blueprints


def speak(app: Flask) -> None:
    """Have an app's pages and errors speak the visitor's language."""
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    babel = Babel(app, default_locale=DEFAULT, locale_selector=_chosen)
    babel.domain_instance = Texts(domain=PAGES)
    app.jinja_env.globals |= {"language": language, "script_texts": script_texts}
    app.jinja_env.filters |= {"number": SAY.number, "ago": ago, "translated": translated}
    app.after_request(_vary)


class Texts(Domain):  # type: ignore[misc]
    """The pages' texts in the language of the request."""

    def get_translations(self) -> NullTranslations:
        """Return them; English ones are as they are written."""
        return translations_of(language())


def _chosen() -> str:
    if request.blueprint in IN_ENGLISH:
        return DEFAULT
    g.language_was_asked = True
    return request.accept_languages.best_match(LANGUAGES, DEFAULT)


def _vary(response: Response) -> Response:
    """Tell caches which answers depend on the visitor's language."""
    if g.get("language_was_asked"):
        response.vary.add("Accept-Language")
    return response


def language() -> str:
    """Return the language of this request; English outside of one."""
    return str(flask_babel.get_locale() or DEFAULT)


@lru_cache
def translations_of(language: str) -> NullTranslations:
    """Return the pages' texts in a language: read once a process, when first wanted."""
    if language == DEFAULT:
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, read_catalog(language, PAGES))
    compiled.seek(0)
    return Translations(compiled, domain=PAGES)


def read_catalog(language: str, domain: str) -> "Catalog":
    """Return the texts of a domain, PAGES or SCRIPTS, in a language, as its file has them."""
    from babel.messages.pofile import read_po  # what English readers do not need

    with catalog_path(language, domain).open("rb") as file:
        return read_po(file, locale=language)


def catalog_path(language: str, domain: str) -> Path:
    """Return where the texts of a domain are in a language."""
    return TRANSLATIONS / language / f"{domain}.po"


@lru_cache
def script_texts(language: str) -> Markup:
    """Return what static/js/texts.js needs, JSON that may stand in a page; nothing for English.

    By English text, of a pair the one for many, it has the text; where that depends on a number,
    one for each of the language's plural categories.
    """
    if language == DEFAULT:
        return Markup()
    found: dict[str, str | Mapping[str, str]] = {}
    for message in read_catalog(language, SCRIPTS):
        if isinstance(message.id, tuple):
            forms = [*(message.string or ())]
            found[message.id[1]] = dict(zip(plural_categories(language), forms, strict=True))
        elif isinstance(message.id, str) and message.id:
            found[message.id] = str(message.string)
    return htmlsafe_json_dumps(found, ensure_ascii=False)


def plural_categories(language: str) -> list[str]:
    """Return CLDR's names of a language's plural forms, for whole numbers, in gettext's order.

    >>> plural_categories("ru"), plural_categories("ja")
    (['one', 'few', 'many'], ['other'])
    """
    rule = Locale(language).plural_form
    return [*dict.fromkeys(rule(n) for n in (1, 2, 5, 11))]


class VisitorsWords:
    """`Words` in the language of the request."""

    def text(self, text: str, /, **values: object) -> str:
        """Return an English text with its values in the visitor's language."""
        found = translations_of(language()).ugettext(text)
        return str(found % values if values else found)

    def plural(self, one: str, many: str, num: int, /, **values: object) -> str:
        """Return the text that goes with a whole number, which is its `%(num)s`."""
        found = translations_of(language()).ungettext(one, many, num)
        return str(found % {"num": self.number(num), **values})

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as the visitor's language writes it: 1,234.5 or 1.234,5."""
        if (spoken := language()) == DEFAULT:
            return ENGLISH.number(value, decimals)
        return str(_pattern(decimals).apply(value, Locale.parse(spoken)))

    def a_digit(self, digit: int) -> str:
        """Return a digit, in English with its article."""
        return ENGLISH.a_digit(digit) if language() == DEFAULT else str(digit)


@lru_cache
def _pattern(decimals: int) -> NumberPattern:
    """Return how a number of so many decimals is written: it is slower to read than to use."""
    return parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))


SAY = VisitorsWords()


def translated(text: str) -> str:
    """Return a text that is marked where it is written; in a page it is escaped like any other.

    `_()` is for texts that the template itself has: what it returns is taken for HTML.
    """
    return SAY.text(text) if text else ""


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in the words of static/js/texts.js."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    days, hours, minutes = (int(seconds // length) for length in (86_400, 3_600, 60))
    if days >= 1:
        return SAY.plural("%(num)s day ago", "%(num)s days ago", days)
    if hours >= 1:
        return SAY.plural("%(num)s hour ago", "%(num)s hours ago", hours)
    if minutes >= 1:
        return SAY.plural("%(num)s minute ago", "%(num)s minutes ago", minutes)
    return SAY.text("just now")

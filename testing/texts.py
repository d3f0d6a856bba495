"""Collects what the pages say in each language: `make texts`.

A text that is new comes with an empty translation, one that nothing says any more goes. What is
translated stays as it is.
"""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from inkling.settings import ROOT
from inkling.web.languages import DEFAULT, LANGUAGES, PAGES, SCRIPTS, catalog_path, read_catalog

IN_PYTHON = {"text": None, "marked": None, "plural": (1, 2)}
IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}  # `trans` comes as the last two
IN_SCRIPTS = {"text": None, "plural": (2, 3)}
# The operator's pages and the one for programs are English.
IN_ENGLISH = {"admin.html", "api.html", "_changes.html", "_curated.html"}
WIDTH = 100

Text = str | tuple[str, ...]


def said_by_pages() -> dict[Text, None]:
    """Return every text of templates and Python, in the order of files, each once."""
    python = sorted(path for path in (ROOT / "inkling").rglob("*.py") if _speaks(path))
    templates = [p for p in sorted((ROOT / "templates").glob("*.html")) if p.name not in IN_ENGLISH]
    options = {"trimmed": "true", "newstyle_gettext": "true"}
    return dict.fromkeys(
        [
            *_found("python", python, IN_PYTHON),
            *_found("jinja2.ext:babel_extract", templates, IN_TEMPLATES, options),
        ]
    )


def _speaks(path: Path) -> bool:
    """Whether a module makes sentences: `text` is a name in SQLAlchemy, too."""
    code = path.read_text()
    return "inkling.words import" in code or "inkling.web.languages import SAY" in code


def said_by_scripts() -> dict[Text, None]:
    """Return every text of static/js, each once."""
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    return dict.fromkeys(
        _found("javascript", scripts, IN_SCRIPTS, {"parse_template_string": "true"})
    )


def _found(
    method: str,
    paths: list[Path],
    keywords: Mapping[str, tuple[int, ...] | None],
    options: dict[str, str] | None = None,
) -> Iterator[Text]:
    for path in paths:
        for _, text, _, _ in extract_from_file(method, path, keywords, options=options):
            yield tuple(text) if isinstance(text, (list, tuple)) else text


def updated(language: str, domain: str) -> Catalog:
    """Return the texts that are said now, translated as far as they were."""
    path = catalog_path(language, domain)
    before = read_catalog(language, domain) if path.exists() else Catalog(locale=language)
    catalog = Catalog(locale=language, header_comment=f"# What {domain} say, in {language}.")
    for text in said_by_pages() if domain == PAGES else said_by_scripts():
        known = before.get(text[0] if isinstance(text, tuple) else text)
        same = known is not None and known.id == text
        catalog.add(text, known.string if known is not None and same else None)
    return catalog


def content_of(catalog: Catalog) -> bytes:
    """Return a catalog as its file has it: no dates and places, which change without need."""
    written = io.BytesIO()
    write_po(written, catalog, width=WIDTH, no_location=True, omit_header=False)
    dated = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Report-Msgid')
    lines = written.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(dated))


def main() -> None:
    """Write every language's files anew, and tell how many texts wait for a translation."""
    for language in LANGUAGES:
        for domain in (PAGES, SCRIPTS) if language != DEFAULT else ():
            catalog = updated(language, domain)
            path = catalog_path(language, domain)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of(catalog))
            missing = sum(
                1 for message in catalog if message.id and not is_translated(message.string)
            )
            print(f"{language}/{path.name}: {len(catalog)} texts, {missing} not translated")


def is_translated(text: object) -> bool:
    """Whether a message has a text, for every number where it depends on one."""
    return all(text) if isinstance(text, (list, tuple)) else bool(text)


if __name__ == "__main__":
    main()

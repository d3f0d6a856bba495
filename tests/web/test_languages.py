"""Four languages: every text is there in each, and a visitor reads what the browser asks for."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Message
from babel.support import NullTranslations
from flask.testing import FlaskClient

from inkling.rejections import VISITOR, Code, Rejection
from inkling.web import languages
from inkling.web.app import Inkling
from inkling.web.languages import DEFAULT, LANGUAGES, PAGES, SAY, SCRIPTS, ago, catalog_path
from testing.places import REJECTION, labelled
from testing.texts import content_of, is_translated, updated
from tests.conftest import AppWith
from tests.web.posting import BLANK, SEVEN, post

OTHERS = [language for language in LANGUAGES if language != DEFAULT]
PAGES_OF_VISITORS = [
    *("/", "/contribute", "/models", "/progress", "/about", "/gallery", "/my-drawings", "/nowhere")
]
PLACE = re.compile(r"%%|%\(\w+\)s|\{\w+\}")
TAG = re.compile(r"<[^>]+>|&\w+;")
# Names, signs, and what stands in every language as it is.
SAME = re.compile(r"Inkling|FNN|CNN|MNIST|28 × 28|[\d\s.,:;·%×✓✗…–?▶‹›()+−]")


@pytest.mark.parametrize("domain", [PAGES, SCRIPTS])
@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_none_is_left_over(language: str, domain: str) -> None:
    now = updated(language, domain)
    assert [message.id for message in now if not is_translated(message.string)] == []
    written = catalog_path(language, domain).read_bytes()
    assert written == content_of(now), "make texts"


def parts(message: Message) -> list[tuple[str, str]]:
    """A text with each of its translations; a text for one number with those for others."""
    if not isinstance(message.id, tuple):
        return [(str(message.id), str(message.string))]
    return [(message.id[-1], form) for form in message.string or ()]


@pytest.mark.parametrize("domain", [PAGES, SCRIPTS])
@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_values_and_tags_of_their_texts(language: str, domain: str) -> None:
    for message in languages.read_catalog(language, domain):
        for english, other in parts(message) if message.id else ():
            plural = isinstance(message.id, tuple)
            wanted, found = (set(PLACE.findall(text)) for text in (english, other))
            assert found == wanted or (plural and found <= wanted), other
            tags = [tag for tag in TAG.findall(english) if tag.startswith("<")]
            assert [tag for tag in TAG.findall(other) if tag.startswith("<")] == tags, other


class Texts(HTMLParser):
    """What a page says: its text, and the attributes that are read out."""

    READ = ("alt", "aria-label", "title")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")
        self.found += [value for name, value in attrs if name in self.READ and value]
        if tag == "meta" and dict(attrs).get("name") == "description":
            self.found.append(dict(attrs).get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


class Marking(NullTranslations):
    """Puts every text that is looked up between ‹‹ and ››."""

    def ugettext(self, message: str) -> str:
        return "\u2039\u2039" + message + "\u203a\u203a"

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        return self.ugettext(singular if num == 1 else plural)


@pytest.fixture
def marking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(languages, "translations_of", lambda language: Marking())
    yield


def unmarked(page: str) -> list[str]:
    """What a page says outside of the marks."""
    said = "\n".join(Texts(page).found)
    while re.search("\u2039\u2039[^\u2039\u203a]*\u203a\u203a", said):  # from the inside out
        said = re.sub("\u2039\u2039[^\u2039\u203a]*\u203a\u203a", "", said)
    return [left for line in said.splitlines() if (left := SAME.sub("", line))]


def fill(app: Inkling) -> None:
    """Some labels: right, wrong, unsure, rejected."""
    said = {"said": {"fnn": 3, "fnn_retrained": 3, "cnn": 3, "cnn_retrained": 3}}
    app.journal.add(labelled(3, answer=3, **said))
    app.journal.add(labelled(4, answer=9, **said))
    app.journal.add(labelled(3, answer=None, **said))
    rejected = app.journal.add(labelled(5, answer=5, **said))
    app.journal.reject(rejected.id, REJECTION)


@pytest.mark.parametrize("path", PAGES_OF_VISITORS)
@pytest.mark.usefixtures("marking")
def test_no_page_says_what_is_not_marked(app: Inkling, path: str) -> None:
    fill(app)
    page = app.test_client().get(path, headers={"Accept": "text/html"}).text
    assert "\u2039\u2039" in page
    assert unmarked(page) == []


@pytest.mark.parametrize(
    ("wish", "language", "words"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Zeichne hier eine Ziffer"),
        ("ru", "ru", "Нарисуйте здесь цифру"),
        ("ja;q=0.9,en;q=0.1", "ja", "ここに数字を描いてください"),
        ("fr,en;q=0.5", "en", "Draw a digit here"),
        ("fr", "en", "Draw a digit here"),
    ],
)
def test_a_page_speaks_the_language_that_the_browser_asks_for(
    client: FlaskClient, wish: str, language: str, words: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": wish})
    assert f'<html lang="{language}">' in answer.text
    assert words in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    assert ('<script id="texts" type="application/json">' in answer.text) == (language != DEFAULT)


def test_what_programs_and_the_operator_read_is_english(app_with: AppWith) -> None:
    client = app_with(ADMIN_PASSWORD="a long secret of sixteen").test_client()  # noqa: S106
    german = {"Accept-Language": "de"}
    assert '<html lang="en">' in client.get("/api", headers=german).text
    answer = client.get("/admin/drawings", headers=german, auth=("", "a long secret of sixteen"))
    assert '<html lang="en">' in answer.text
    assert "Accept-Language" not in answer.headers.get("Vary", "")
    refused = client.get("/list_nn", headers=german | {"Accept": "text/html"})
    assert refused.get_json()["error"].startswith("The answer is JSON")
    assert post(client, "/predict", imageBase64=BLANK).get_json()["error"] == (
        "Nothing is drawn. Draw a digit, dark on light, and send it again."
    )


def test_errors_speak_the_visitors_language(client: FlaskClient) -> None:
    german = {"Accept-Language": "de"}
    refused = client.post("/predict", json={"imageBase64": BLANK}, headers=german)
    assert refused.get_json()["error"].startswith("Nichts ist gezeichnet. Zeichne eine Ziffer")
    assert "Accept-Language" in refused.headers["Vary"]
    page = client.get("/nowhere", headers=german | {"Accept": "text/html"})
    assert "Diese Seite gibt es nicht." in page.text
    limited = client.get("/predict", headers=german)
    assert limited.get_json()["error"] == (
        "Diese Adresse nimmt GET nicht an. Verwende OPTIONS, POST."
    )
    lost = client.post("/predict", json={"imageBase64": SEVEN, "version": 9}, headers=german)
    assert lost.get_json()["error"].startswith("Version 9 ist nicht gespeichert.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", VISITOR)
def test_why_a_label_was_not_learned_is_told_in_each_language(
    app: Inkling, language: str, code: Code
) -> None:
    figures = {"said": 8, "label": 3, "digit": 3, "towards": 8, "net": "CNN", "version": 12}
    with app.test_request_context(headers={"Accept-Language": language}):
        words = Rejection(code, figures).for_visitor(SAY)
    assert words
    assert "%(" not in words
    assert (words == Rejection(code, figures).for_visitor()) == (language == DEFAULT)


@pytest.mark.parametrize(
    ("language", "number", "times"),
    [
        ("en", "1,234,567.5", ["1 minute ago", "2 hours ago", "5 days ago"]),
        ("de", "1.234.567,5", ["vor 1 Minute", "vor 2 Stunden", "vor 5 Tagen"]),
        ("ru", "1\u00a0234\u00a0567,5", ["1 минуту назад", "2 часа назад", "5 дней назад"]),
        ("ja", "1,234,567.5", ["1 分前", "2 時間前", "5 日前"]),
    ],
)
def test_numbers_and_times_are_as_the_language_has_them(
    app: Inkling, language: str, number: str, times: list[str]
) -> None:
    now = datetime.now(UTC)
    spans = [timedelta(minutes=1), timedelta(hours=2), timedelta(days=5)]
    with app.test_request_context(headers={"Accept-Language": language}):
        assert SAY.number(1_234_567.5, 1) == number
        assert [ago(now - span, now) for span in spans] == times


def test_what_a_visitor_or_a_file_gave_is_escaped(app: Inkling) -> None:
    with app.test_request_context():
        made = app.jinja_env.from_string("{{ words | translated }} {{ _('on %(s)s', s=words) }}")
        text = made.render(words="<b>bold</b>")
    assert "<b>" not in text
    assert html.unescape(text) == "<b>bold</b> on <b>bold</b>"

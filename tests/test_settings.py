"""Settings: every type, defaults, messages for bad values, and the table in docs/settings.md."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkling.settings import ROOT, SettingError, Settings, load_settings, settings_table


def test_without_an_environment_every_setting_has_its_default() -> None:
    assert load_settings({}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),  # noqa: S104
        ("PORT", "8080", 8080),
        ("PORT", " 0 ", 0),
        ("WEB_CONCURRENCY", "1", 1),
        ("TRAINER", "separate", "separate"),
        ("INSTANCE_FOLDER", "/srv/inkling", Path("/srv/inkling")),
        ("TMP_FOLDER", "here", Path.cwd() / "here"),
        ("DATABASE_URL", "postgresql://localhost/inkling", "postgresql://localhost/inkling"),
        ("RECEIPT_WAIT", "0.25", 0.25),
        ("RECEIPT_WAIT", "3", 3.0),
        ("MAX_IMAGE_BYTES", "1000", 1000),
        ("CORS_ORIGINS", "*", "*"),
        ("S3_PREFIX", "inkling/", "inkling/"),
        ("REDIS_TLS_VERIFY", "no", "no"),
        ("TRUSTED_PROXIES", "2", 2),
        ("ADMIN_PASSWORD", "sixteen letters.", "sixteen letters."),
        ("SHOW_DRAWINGS", "no", "no"),
    ],
)
def test_a_setting_is_cast_to_its_type(name: str, text: str, value: object) -> None:
    found = load_settings({name: text, "UNRELATED": "x"})
    assert getattr(found, name.lower()) == value
    assert type(getattr(found, name.lower())) is type(value)
    assert dataclasses.replace(found, **{name.lower(): getattr(Settings(), name.lower())}) == (
        Settings()
    )


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_means_the_default(empty: str) -> None:
    names = [row.name.upper() for row in dataclasses.fields(Settings)]
    assert load_settings(dict.fromkeys(names, empty)) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("PORT", "http", "a whole number"),
        ("PORT", "80.5", "a whole number"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("WEB_CONCURRENCY", "0", "a whole number from 1 to 1000"),
        ("WEB_THREADS", "0", "a whole number from 1 to 1000"),
        ("WEB_THREADS", "many", "a whole number"),
        ("RECEIPT_WAIT", "soon", "a number"),
        ("RECEIPT_WAIT", "-0.5", "a number from 0 to 60"),
        ("RECEIPT_WAIT", "nan", "a number from 0 to 60"),
        ("MAX_IMAGE_BYTES", "6MB", "a whole number"),
        ("MAX_IMAGE_PIXELS", "0", "a whole number from 1 to 1000000000"),
        ("TRAINER", "none", "'embedded' or 'separate'"),
        ("REDIS_TLS_VERIFY", "maybe", "'yes' or 'no'"),
        ("SHOW_DRAWINGS", "0", "'yes' or 'no'"),
        ("TRUSTED_PROXIES", "-1", "a whole number from 0 to 100"),
        ("TRUSTED_PROXIES", "all", "a whole number"),
    ],
)
def test_a_bad_value_is_told_with_its_setting_and_the_remedy(
    name: str, text: str, remedy: str
) -> None:
    with pytest.raises(SettingError) as raised:
        load_settings({name: text})
    assert str(raised.value) == f"{name} is '{text}'. Set it to {remedy}."


def test_a_short_password_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingError) as raised:
        load_settings({"ADMIN_PASSWORD": "fifteen letters"})
    assert str(raised.value) == "ADMIN_PASSWORD is not usable. Set it to 16 characters or more."


OTHERS = {
    "DATABASE_URL": "postgres://u:geheim@h/x",
    "REDIS_URL": "redis://:geheim@h",
    "API_LOGIN": "programs",
}


def test_no_secret_is_part_of_what_settings_look_like() -> None:
    secret = [row.name for row in dataclasses.fields(Settings) if row.metadata["secret"]]
    assert {"database_url", "redis_url", "admin_password"} <= set(secret)
    found = load_settings(dict.fromkeys(map(str.upper, secret), "geheim " * 3) | OTHERS)
    assert found.admin_password
    assert "geheim" not in repr(found)


def test_the_environment_is_read_when_asked_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8181")
    assert load_settings().port == 8181


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings({}).port = 1  # type: ignore[misc]


def test_the_embedded_default_lies_in_the_instance_folder() -> None:
    found = load_settings({"INSTANCE_FOLDER": "/srv/inkling"})
    assert found.journal_url == "sqlite:////srv/inkling/journal.sqlite"
    for path in (found.objects_folder,):
        assert path.parent == Path("/srv/inkling")
    assert load_settings({"DATABASE_URL": "sqlite://"}).journal_url == "sqlite://"


def test_the_command_line_tells_a_bad_value_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inkling", "trainer"],
        cwd=ROOT,
        env=os.environ | {"PORT": "http"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert done.stderr == "Error: PORT is 'http'. Set it to a whole number.\n"


def test_the_table_has_a_row_for_every_setting() -> None:
    rows = settings_table().splitlines()[2:]
    expected = dataclasses.fields(Settings)
    assert len(rows) == len(expected)
    for row, setting in zip(rows, expected, strict=True):
        assert row.startswith(f"| `{setting.name.upper()}` | ")
        assert row.endswith(f" | {setting.metadata['help']} |")
        assert str(ROOT) not in row
        assert row.count("|") == 4


def test_the_readme_has_this_very_table() -> None:
    table = (ROOT / "docs" / "settings.md").read_text()
    assert settings_table() in table, f"Put this into docs/settings.md:\n{settings_table()}"

"""What commands open, they close, also where they fail."""

from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner

from inkling.cli import session
from inkling.cli.main import inkling


class FailingJournal:
    """A journal that can be closed, and whose every other use fails."""

    closed = 0

    def close(self) -> None:
        self.closed += 1

    def __getattr__(self, name: str) -> NoReturn:
        raise OSError("The disk is gone.")


@pytest.mark.parametrize(
    "words",
    [
        ["account"],
        ["backup", "{folder}/backup.zip"],
        ["export", "--out", "{folder}/drawings.ndjson"],
        ["export", "--images", "{folder}/images"],
        ["forget", "00000000-0000-0000-0000-000000000000", "--yes"],
        ["history"],
        ["relearn"],
        ["replay"],
        ["restore", __file__],
        ["review"],
        ["rollback", "--to", "0"],
        ["verify", "--quick"],
    ],
    ids=" ".join,
)
def test_a_command_that_fails_closes_the_journal_once(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = FailingJournal()
    monkeypatch.setattr(session, "open_journal", lambda settings: journal)
    words = [word.format(folder=tmp_path) for word in words]
    done = CliRunner().invoke(inkling, words, env={"INSTANCE_FOLDER": str(tmp_path)})
    assert (done.exit_code, journal.closed) == (1, 1)
    told = "is no whole backup" if words[0] == "restore" else "Error: The disk is gone.\n"
    assert told in done.output


def test_a_session_opens_nothing_that_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_FOLDER", str(tmp_path / "instance"))
    with session.Session() as opened:
        assert opened.settings.instance_folder == tmp_path / "instance"
    assert not (tmp_path / "instance").exists()

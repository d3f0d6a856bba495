"""What is told of long work: a bar on a terminal, lines elsewhere."""

import io
import sys

import pytest

from inkling.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which passes only when a test says so."""
    now = [0.0]
    monkeypatch.setattr("inkling.cli.progress.time.monotonic", lambda: now[0])
    return now


def test_off_a_terminal_each_news_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    epochs = Progress("Epoch")
    epochs.to(1, 2, "loss 0.5")
    epochs.to(2, 2)
    assert capsys.readouterr() == ("", "Epoch 1/2  loss 0.5\nEpoch 2/2\n")


def test_what_goes_fast_is_told_every_few_seconds_and_at_the_end(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    measured = Progress("Measuring").counter(6)
    for seconds, more in ((1, 1), (4.9, 1), (5.1, 1), (6, 1), (6.1, 2)):
        clock[0] = seconds
        measured(more)
    assert capsys.readouterr().err == "Measuring 3/6\nMeasuring 6/6\n"


def test_on_a_terminal_there_is_a_bar_and_then_a_new_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    trials = Progress("Trial")
    trials.to(1, 2, "best 97.00%")
    trials.to(2, 2)
    shown = terminal.getvalue()
    assert shown.count("Trial  [") >= 2
    assert "best 97.00%" in shown
    assert shown.endswith("\n")

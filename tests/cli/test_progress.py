"""What is told of long work: a bar on a terminal, lines elsewhere."""

import io
import sys

import pytest

from inkling.cli.progress import Progress, TrainingProgress
from inkling.pretraining.network_training import History
from inkling.pretraining.network_training import Progress as Now


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


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_training_has_a_bar_an_epoch_and_then_a_line(
    columns: int, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    terminal, history = Terminal(), History([0.5], [0.9], [0.25], [0.975])
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    progress = TrainingProgress()
    for batch in (1, 2, 3):
        clock[0] = batch
        progress.tell(Now(0, 10, batch, 4, 0.6, 0.8, 0.012, 1.0, History()))
    progress.tell(Now(1, 10, 0, 0, 0.5, 0.9, 0.0, 1.0, history))
    *bars, last = terminal.getvalue().split("\r")[1:]
    assert all(len(bar) == columns - 1 for bar in bars)
    assert bars[2].startswith("Epoch 1/10  12 ms a step  [")
    if columns > 60:
        assert "] 3/4  loss 0.6000  accuracy 80.00%" in bars[2]
        assert bars[2].count("#") == 3 * (bars[2].count("#") + bars[2].count("-")) // 4
    assert last.rstrip(" \n") == (
        "Epoch 1/10  12 ms a step  loss 0.5000  accuracy 90.00%  "
        "val_loss 0.2500  val_accuracy 97.50%"
    )
    assert last.endswith("\n")

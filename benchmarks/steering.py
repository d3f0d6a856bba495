"""What a liar achieves who chooses: each digit as two others, alone and among honest labels.

What was measured already (tmp/steering.jsonl) is not measured again.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from inkling.journal.writer import open_journal
from inkling.settings import ROOT, load_settings
from inkling.storage.stores import open_store
from testing.adaptive_liar import AdaptiveLiar, Steered, easiest_targets, steer
from testing.places import Place, both

NOBODY = None, None  # lies: the honest labels alone, which the others are compared with
FIGURES = ROOT / "tmp" / "steering.jsonl"


class Way(NamedTuple):
    """How a liar goes about it: how many lies, how many honest labels after each, what first."""

    said: str
    lies: int
    honest_each: int
    boldest: bool


WAYS = (
    Way("alone, the boldest lies first", 40, 0, True),
    Way("alone, the likeliest first", 40, 0, False),
    Way("an honest label after each lie", 30, 1, True),
    Way("five honest labels after each", 20, 5, True),
    Way("slowly, from many addresses: twenty after each", 12, 20, False),
)


def measure(digits: Sequence[int]) -> None:
    """Let the liar turn these digits, in every way, and note each run as a line of JSON."""
    done = [(run["digit"], run["other"], run["way"]) for run in noted()]
    pairs = [(digit, other) for digit in digits for other in easiest_targets(digit)]
    for digit, other in [NOBODY, *pairs]:
        for way in WAYS:
            if (digit, other, way.said) not in done:
                _note(digit, other, way, _steer(digit, other, way))


def _steer(digit: int | None, other: int | None, way: Way) -> Steered:
    with tempfile.TemporaryDirectory() as folder:
        environ = {"INSTANCE_FOLDER": f"{folder}/instance", "TMP_FOLDER": folder}
        settings = load_settings(environ)
        Path(settings.tmp_folder).mkdir(exist_ok=True)
        journal = open_journal(settings)
        place = Place(environ, settings, journal, open_store(settings))
        nets = both()
        liar = None
        if digit is not None and other is not None:
            liar = AdaptiveLiar(nets, digit, other, way.boldest)
        found = steer(place, nets, liar, way.lies, way.honest_each)
        journal.close()
    return found


def _note(digit: int | None, other: int | None, way: Way, found: Steered) -> None:
    shares = {"before": found.before.tolist(), "after": found.after.tolist()}
    run = {"digit": digit, "other": other, "way": way.said, **found._asdict(), **shares}
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a") as file:
        file.write(json.dumps(run) + "\n")
    print(json.dumps(run), flush=True)


def noted() -> Iterator[dict[str, Any]]:
    """Yield every run that was measured."""
    if FIGURES.exists():
        yield from map(json.loads, FIGURES.read_text().splitlines())


def rows() -> Iterator[str]:
    """Yield the table: a line for each digit and its two others, and the worst of all."""
    yield "| the digit as | " + " | ".join(way.said for way in WAYS) + " |"
    yield "|---|" + "---|" * len(WAYS)
    runs = {(run["digit"], run["other"], run["way"]): run for run in noted()}
    honest = {way.said: runs.pop((*NOBODY, way.said), None) for way in WAYS}
    for run in runs.values():
        run["before"] = (honest[run["way"]] or {"after": run["before"]})["after"]
    for digit, other in dict.fromkeys((digit, other) for digit, other, _ in sorted(runs)):
        cells = [_cell(runs.get((digit, other, way.said))) for way in WAYS]
        yield f"| {digit} as {other} | " + " | ".join(cells) + " |"
    worst = [_worst([r for r in runs.values() if r["way"] == way.said]) for way in WAYS]
    yield "| **worst** | " + " | ".join(worst) + " |"


def _cell(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "–"
    held, told = run["lies"]
    before, after = (100 * run[name][run["digit"]] for name in ("before", "after"))
    honest = sum(run[name][0] for name in ("meanwhile", "afterwards"))
    of = sum(run[name][1] for name in ("meanwhile", "afterwards"))
    return (
        f"{before:.1f} → {after:.1f} %; others {0 - _others(run):+.1f}; "
        f"lies {held}/{told}, honest {honest}/{of}"
    )


def _others(run: Mapping[str, Any]) -> float:
    """Return by how many points the digit that lost most, but for the attacked one, lost."""
    lost = 100 * (np.array(run["before"]) - np.array(run["after"]))
    return float(np.delete(lost, run["digit"]).max())


def _worst(runs: Sequence[Mapping[str, Any]]) -> str:
    if not runs:
        return "–"
    digit = max(100 * (run["before"][run["digit"]] - run["after"][run["digit"]]) for run in runs)
    honest = min(run["afterwards"][0] / run["afterwards"][1] for run in runs)
    others = max(map(_others, runs))
    return f"{0 - digit:+.1f}; others {0 - others:+.1f}; honest {honest:.0%} afterwards"

"""What the Models page shows: the nets' pictures, and how good the nets are.

The originals' part are files in the models folder, read once a process. The retrained nets' part
is what the trainer left in the journal.
"""

import hashlib
import json
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from inkling.errors import InklingError, InvalidInput
from inkling.evaluation.metrics import ANSWER, MNIST_TEST, Score, Scores, scores_from_json
from inkling.journal.writer import Journal
from inkling.nets.registry import NETWORKS, RETRAINED
from inkling.settings import Settings
from inkling.web.report_card import Card, cards
from inkling.words import marked

KINDS, DARK = ("diagram", "history"), "-dark"
MOVING = (*RETRAINED.values(), ANSWER)  # with the version
VIEW_BOX = re.compile(rb'<svg[^>]*\sviewBox="0 0 ([\d.]+) ([\d.]+)"')

log = logging.getLogger("inkling.models_page")


@dataclass(frozen=True)
class Picture:
    """An SVG file: its bytes, a fingerprint of them, and its size in pixels where it states one."""

    content: bytes
    fingerprint: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Shown:
    """All that the page's figures are made of.

    version: of the retrained nets now. measured: the version that their figures belong to, 0 where
    none was measured since; None without any. wanted: whether the trainer was given digits to
    measure them on. trouble: why there are no figures of the originals, or nothing.
    """

    version: int
    measured: int | None
    wanted: bool
    trouble: str
    cards: list[Card]

    @property
    def matrices(self) -> list[Card]:
        """The cards, at version 0 without the retrained nets, which are the originals there."""
        if self.measured != 0:
            return self.cards
        shown = {*NETWORKS, ANSWER}
        return [Card(c.name, [li for li in c.lines if li.model in shown]) for c in self.cards]


@dataclass(frozen=True)
class Measured:
    """How good a model is on a set of digits; when that was measured, where it is known."""

    digits: str
    score: Score
    at: datetime | None


class ModelsPage:
    """Reads the files once, when they are first asked for, and the journal every time."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self._folder, self._journal = settings.models_folder, journal
        self._wanted = bool(settings.test_mnist or settings.test_drawings)

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        """The pictures that there are, by name: `fnn-diagram`, `fnn-diagram-dark`, …"""
        names = [f"{n}-{kind}{dark}" for n, kind, dark in product(NETWORKS, KINDS, ("", DARK))]
        paths = {name: self._folder / "plots" / f"{name}.svg" for name in names}
        return {name: _read_picture(path) for name, path in paths.items() if path.is_file()}

    @cached_property
    def _originals(self) -> tuple[Scores, str]:
        """The originals' scores, and why there are none where there are none."""
        path = self._folder / "evaluation.json"
        try:
            return _read_evaluation(path), ""
        except FileNotFoundError:
            return {}, marked("The originals are not measured here.")
        except (InklingError, OSError, ValueError, KeyError, TypeError):
            log.exception("%s cannot be read. Write it anew with inkling evaluate --json.", path)
            return {}, marked("The originals’ figures cannot be read.")

    def shown(self) -> Shown:
        """Return what the page shows now."""
        originals, trouble = self._originals
        version = self._journal.current_version()
        measured, retrained = self._retrained(version)
        if measured is None and originals:  # nothing is known of what was learned since
            measured, retrained = 0, _at_version_0(originals)
        scores = {name: dict(originals.get(name, {})) for name in [*originals, *retrained]}
        for name, models in scores.items():
            for model in MOVING:
                models.pop(model, None)
            models |= retrained.get(name, {})
        return Shown(version, measured, self._wanted, trouble, cards(scores))

    def measured(self, model: str) -> Measured | None:
        """Return how good one of the four models is now, as far as that was measured."""
        originals, _ = self._originals
        if model not in MOVING:
            return _measured(model, originals, None)
        version = self._journal.current_version()
        _, scores = self._retrained(version)
        return _measured(model, scores, self._journal.evaluated_at() if version else None)

    def _retrained(self, version: int) -> tuple[int | None, Scores]:
        """Return the retrained nets' scores, after the version that they belong to."""
        if version == 0:
            originals = self._originals[0]
            return (0, _at_version_0(originals)) if originals else (None, {})
        newest = self._journal.newest_evaluation()
        if newest is None:
            return None, {}
        return newest[0], scores_from_json(newest[1])


def _measured(model: str, scores: Scores, at: datetime | None) -> Measured | None:
    """Return the model's score on MNIST's test digits, else on the first others that there are."""
    found = {name: models[model] for name, models in scores.items() if model in models}
    name = MNIST_TEST if MNIST_TEST in found else next(iter(found), None)
    return None if name is None else Measured(name, found[name], at)


def _at_version_0(originals: Scores) -> Scores:
    """Return the retrained nets' scores while they are the originals."""
    same = {retrained: key for key, retrained in RETRAINED.items()} | {ANSWER: ANSWER}
    return {
        name: {model: models[twin] for model, twin in same.items() if twin in models}
        for name, models in originals.items()
    }


def _read_evaluation(path: Path) -> Scores:
    """Return the scores in a file that `inkling evaluate --json` wrote of the originals."""
    values: dict[str, Any] = json.loads(path.read_text())
    if values["version"] != 0:
        raise InvalidInput(f"{path} is of version {values['version']}, not of the originals.")
    return scores_from_json(values["sets"])


def _read_picture(path: Path) -> Picture:
    content = path.read_bytes()
    box = VIEW_BOX.search(content[:2000])
    width, height = (round(float(side)) for side in box.groups()) if box else (None, None)
    return Picture(content, hashlib.sha256(content).hexdigest()[:16], width, height)

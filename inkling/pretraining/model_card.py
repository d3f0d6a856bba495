"""The model card: what a models folder holds, how it was made and how good it is, in Markdown.

After Mitchell et al., "Model Cards for Model Reporting" (2019). Everything in figures is read from
the folder's own files; what people must say, `about.md` says.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.evaluation.by_writer import interval_words
from inkling.evaluation.metrics import ANSWER, Score, Scores, scores_from_json
from inkling.nets.registry import NETWORKS
from inkling.nets.unlike_digits import FILE as UNLIKE_DIGITS

TITLES = {key: network.title for key, network in NETWORKS.items()} | {ANSWER: "the app's answer"}
SHOWN = (*NETWORKS, ANSWER)  # of the originals: retrained nets start as their copies
GRAPHS = tuple(network.graph for network in NETWORKS.values() if network.graph)
FILES = (*(f"{key}.npz" for key in NETWORKS), *GRAPHS, UNLIKE_DIGITS)
Rows = Sequence[Sequence[str]]


def model_card(folder: Path, data: Sequence[Path]) -> str:
    """Return the card of a models folder, whose nets learned from the files and folders `data`.

    Raises InvalidInput that names a missing or damaged file and the command that writes it.
    """
    evaluation = _read(folder / "evaluation.json", "inkling evaluate --weights original --json")
    histories = {
        net: _read(folder / f"{net}.history.json", f"inkling train {net}") for net in NETWORKS
    }
    scores = scores_from_json(evaluation["sets"])
    parts = [
        "# The originals",
        "`make originals` wrote this page and everything beside it but `about.md`. "
        "What was tried on the way is in [docs/models.md](../docs/models.md).",
        "## What they are",
        *(_picture(f"{net}-diagram", f"Diagram of the {TITLES[net]}") for net in NETWORKS),
        _table(["file", "parameters", "bytes", "SHA-256"], _files(folder)),
        "## What they learned from",
        _table(["file", "bytes", "SHA-256"], [_file(path) for path in data]),
        _table(["", *map(TITLES.__getitem__, NETWORKS)], _counts(histories)),
        "## How they were trained",
        *(_picture(f"{net}-history", f"Training of the {TITLES[net]}") for net in NETWORKS),
        _table(["recipe", *map(TITLES.__getitem__, NETWORKS)], _recipes(histories)),
        "## How good they are",
        *_accuracies(scores),
        *_robustness(scores_from_json(evaluation.get("robustness", {}))),
        *_refused(evaluation.get("refused", {})),
    ]
    about = folder / "about.md"
    if about.exists():
        parts.append(about.read_text().strip())
    return "\n\n".join(parts) + "\n"


def _read(path: Path, command: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"{path} cannot be read ({error}).", f"`{command}` writes it."
        ) from error
    return found


def _picture(name: str, words: str) -> str:
    """Return a picture in light and dark, as Markdown's HTML."""
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="plots/{name}-dark.svg">'
        f'<img src="plots/{name}.svg" alt="{words}" width="340"></picture>'
    )


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _file(path: Path) -> list[str]:
    """Return name, bytes and hash of a file, or of all files in a folder with their names."""
    if path.is_dir():
        return _folder(path)
    content = path.read_bytes()
    return [f"`{path.name}`", f"{len(content):,}", f"`{hashlib.sha256(content).hexdigest()}`"]


def _folder(folder: Path) -> list[str]:
    size, digest = 0, hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        size += len(content)
        name = path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        digest.update(name + b"\0" + hashlib.sha256(content).digest())
    return [f"`{folder.name}/`", f"{size:,}", f"`{digest.hexdigest()}`"]


def _files(folder: Path) -> Rows:
    rows = []
    there = (name for name in FILES if name != UNLIKE_DIGITS or (folder / name).exists())
    for name in there:
        label, size, digest = _file(folder / name)
        count = ""
        if name.endswith(".npz"):
            arrays = checkpoints.unpack((folder / name).read_bytes())
            count = f"{sum(array.size for array in arrays.values()):,}"
        rows.append([label, count, size, digest])
    return rows


def _counts(histories: Mapping[str, Mapping[str, Any]]) -> Rows:
    words = {
        "digits": "digits (MNIST, images)",
        "drawings": "pen drawings",
        "writers": "their writers",
        "generated": "generated drawings",
        "validation": "watched only",
    }
    return [
        [words[name], *(f"{histories[net]['data'].get(name, 0):,}" for net in NETWORKS)]
        for name in words
    ]


def _recipes(histories: Mapping[str, Mapping[str, Any]]) -> Rows:
    """Return a row for each of a recipe's fields that means something to both nets, or to one."""
    silent = {"fnn": "dropout", "cnn": "hidden"}
    rows = []
    for name in histories["fnn"]["recipe"]:
        values = [
            "" if silent[net] == name else _value(histories[net]["recipe"][name])
            for net in NETWORKS
        ]
        rows.append([name.replace("_", " "), *values])
    rows.append(["teacher", *(str(histories[net].get("teacher") or "–") for net in NETWORKS)])
    rows.append(["seed", *(str(histories[net]["seed"]) for net in NETWORKS)])
    return rows


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value:g}"


def _accuracies(scores: Scores) -> list[str]:
    rows = []
    for name, models in scores.items():
        count = next(iter(models.values())).count
        rows.append([f"{name} ({count:,})", *(_share(models[m].accuracy) for m in SHOWN)])
        rows.append(["its worst digit", *(_worst(models[m]) for m in SHOWN)])
        errors = [models[model].calibration_error for model in SHOWN]
        rows.append(["calibration error", *("–" if e is None else _share(e) for e in errors)])
    return [_table(["accuracy", *map(TITLES.__getitem__, SHOWN)], rows), *_by_writer(scores)]


def _by_writer(scores: Scores) -> list[str]:
    """Return what is known by writer: a mean, intervals, and who was misread most often."""
    rows, worst = [], []
    for name, models in scores.items():
        found = [by for by in (models[model].by_writer for model in SHOWN) if by]
        if len(found) < len(SHOWN):
            continue
        rows.append([f"{name}, {found[0].writers} writers, mean", *(_share(f.mean) for f in found)])
        rows.append(["the mean's interval", *(interval_words(f.mean_interval) for f in found)])
        rows.append(
            ["the accuracy's interval", *(interval_words(f.accuracy_interval) for f in found)]
        )
        said = ", ".join(f"{w.writer} ({w.count - w.right} of {w.count})" for w in found[-1].worst)
        if said:
            worst.append(f"Misread by the app most often, of {name}: {said}.")
    if not rows:
        return []
    words = (
        "By writer, each with the same weight, and 95 % intervals by a bootstrap that draws whole "
        "writers:"
    )
    return [words, _table(["by writer", *map(TITLES.__getitem__, SHOWN)], rows), *worst]


def _robustness(rows: Scores) -> list[str]:
    if not rows:
        return []
    lines = [[name, *(_share(models[m].accuracy) for m in SHOWN)] for name, models in rows.items()]
    words = (
        "The same drawings with another pen, size, place or tilt, in pixels of a canvas of 280 and "
        "in degrees:"
    )
    return [words, _table(["accuracy", *map(TITLES.__getitem__, SHOWN)], lines)]


def _refused(shares: Mapping[str, float]) -> list[str]:
    if not shares:
        return []
    told = ", ".join(f"{name} {_share(share)}" for name, share in shares.items())
    return [f"Taken for no digit, whatever the nets say: {told}."]


def _worst(score: Score) -> str:
    digit = score.worst_digit
    return "–" if digit is None else f"{digit}: {_share(score.per_digit[digit] or 0)}"


def _share(share: float) -> str:
    return f"{100 * share:.2f} %"

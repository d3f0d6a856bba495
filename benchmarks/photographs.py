"""What the app reads of photographs, by what is hard about them: a table.

`python -m benchmarks.photographs DRAWINGS` photographs 600 drawings of validation writers in
each way and asks the shipped originals. One whose digit is not found counts as wrong.
"""

import sys
import time
from pathlib import Path

import numpy as np

from functions import FloatArray, Grey, decode_image_bytes, process_image, select_answer
from inkling.data.datasets import held_out, read_strokes
from inkling.data.hard_photographs import Kind, photograph, photographed_drawings
from inkling.data.paper import digits_on_paper
from inkling.data.strokes import Labels, StrokeDrawing, labels_of
from inkling.evaluation.evaluate import probabilities
from inkling.evaluation.models import Models, load_models
from inkling.nets.registry import NETWORKS
from inkling.settings import load_settings

COUNT, SEED = 600, 7
TIMED = 60  # photographs of each kind whose time is taken


def sample(path: Path) -> list[StrokeDrawing]:
    """Return drawings of validation writers, chosen at random."""
    pens = [drawing for drawing in read_strokes(path) if held_out(drawing.writer)]
    chosen = np.random.default_rng(SEED).permutation(len(pens))[:COUNT]
    return [pens[number] for number in sorted(chosen)]


def right(models: Models, digits: FloatArray, labels: Labels) -> list[float]:
    """Return the shares that each net and the app's answer get right, in per cent."""
    said = probabilities(models, digits)
    there = digits.any(axis=(1, 2))
    nets = [said[key] for key in NETWORKS]
    found = [net.argmax(axis=1) for net in nets]
    found.append(
        np.array([-1 if (a := select_answer(*p)) is None else a for p in zip(*nets, strict=True)])
    )
    return [100 * float(((each == labels) & there).mean()) for each in found]


def median_time(pictures: list[Grey]) -> float:
    """Return the median of the milliseconds that a picture's way to 28×28 takes."""
    times = []
    for picture in pictures:
        start = time.perf_counter()
        process_image(picture)
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


def main(path: Path) -> None:
    """Print the table, a row when it is measured."""
    drawings = sample(path)
    labels, models = labels_of(drawings), load_models(load_settings(), "original")
    print("| photographs | FNN, % | CNN, % | answer, % | ms |\n|---|--:|--:|--:|--:|")
    shares = right(models, digits_on_paper(drawings, SEED), labels)
    print("| " + " | ".join(["as `paper.py` makes them", *(f"{s:.1f}" for s in shares), ""]) + " |")
    for kind in Kind:
        shares = right(models, photographed_drawings(drawings, kind, SEED), labels)
        rngs = [np.random.default_rng([number, SEED]) for number in range(TIMED)]
        jpegs = [photograph(d.strokes, kind, rng) for d, rng in zip(drawings, rngs, strict=False)]
        took = median_time([decode_image_bytes(jpeg) for jpeg in jpegs])
        row = [kind.value, *(f"{share:.1f}" for share in shares), f"{took:.1f}"]
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

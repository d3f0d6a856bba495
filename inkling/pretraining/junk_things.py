"""Things that are no digits, put together at random: outlines, crossings, mirrored parts.

No thing is drawn by name here. Some families hold one that the tests judge by as a special case
(an outline with parts in it may become a face): `docs/models.md` names them.
"""

from collections.abc import Callable, Mapping

import numpy as np

from inkling.pretraining.junk_parts import blob, moved, outline, petals, piece, polygon, turned
from inkling.pretraining.synthetic_digits import Strokes, arc, line

Rng = np.random.Generator


def _holding(rng: Rng) -> Strokes:
    """Return an outline with one to four parts in it, often two that are even."""
    whole, count = outline(rng), int(rng.integers(1, 5))
    if rng.random() < 0.5:
        part, x, y = piece(rng), rng.uniform(10, 24), rng.uniform(-22, 12)
        whole += moved(part, x, y) + moved(part, -x, y)
        count -= 2
    for _ in range(max(0, count)):
        whole += moved(piece(rng), *rng.uniform(-25, 25, 2))
    return whole


def _with_limbs(rng: Rng) -> Strokes:
    """Return an outline from which lines, arcs and small outlines go out."""
    whole, count = outline(rng), int(rng.integers(1, 6))
    start, step = rng.uniform(0, 360), 360 / count if rng.random() < 0.5 else rng.uniform(15, 60)
    bent, far = rng.choice([0, 0, 30]), rng.uniform(20, 110)
    for number in range(count):
        limb = line((45, 0), (45 + far / 2, bent), (45 + far, rng.normal(0, 6)))
        limbs = [limb] if rng.random() < 0.8 else moved(outline(rng), 70, 0, rng.uniform(0.2, 0.5))
        whole += turned(limbs, start + number * step)
    return whole


def _mirrored(rng: Rng) -> Strokes:
    """Return random parts and their mirror images, left and right, often about a stem."""
    half: Strokes = []
    for _ in range(rng.integers(1, 4)):
        if rng.random() < 0.6:
            path = rng.uniform(0, 1, (2, int(rng.integers(2, 6)))) * [[50], [100]]
            if rng.random() < 0.6:
                path[0, 0] = 0  # it starts on the axis
            half.append(path.astype(np.float32))
        else:
            half += moved(piece(rng), rng.uniform(15, 45), rng.uniform(0, 100))
    whole = half + [stroke * np.array([[-1], [1]], np.float32) for stroke in half]
    if rng.random() < 0.4:
        whole.append(line((0, rng.uniform(-20, 60)), (0, rng.uniform(80, 130))))
    return turned(whole, 90 * int(rng.integers(4))) if rng.random() < 0.3 else whole


def _bulging(rng: Rng) -> Strokes:
    """Return a closed outline that is the same left and right, from waves or from corners."""
    if rng.random() < 0.4:
        x = np.abs(rng.normal(30, 18, int(rng.integers(2, 6))))
        y = np.sort(rng.uniform(0, 100, len(x)))
        x[0] *= rng.integers(2)
        x[-1] *= rng.integers(2)
    else:
        t = np.linspace(0, 1, 30)
        waves = sum(rng.normal(0, 1) / n * np.sin(np.pi * n * t) for n in range(1, 5))
        x, y = 12 + 40 * np.abs(np.sin(np.pi * t) + 0.7 * waves), 100 * t
        y = y + rng.normal(0, 18) * np.sin(np.pi * t) ** 2 * np.cos(np.pi * t)
    right = np.stack([x, y])
    path = np.concatenate([right, (right * [[-1], [1]])[:, ::-1], right[:, :1]], axis=1)
    return [path.astype(np.float32)]


def _wheel(rng: Rng) -> Strokes:
    """Return parts repeated around a middle, with a hub or a stem sometimes."""
    count, far = int(rng.integers(3, 10)), rng.uniform(10, 45)
    part = moved(piece(rng) + (piece(rng) if rng.random() < 0.3 else []), far, 0)
    if rng.random() < 0.4:
        part = [line((far * rng.uniform(0, 0.6), 0), (far + 12, rng.normal(0, 6)))]
    whole = [s for n in range(count) for s in turned(part, 360 * n / count + rng.normal(0, 4))]
    if rng.random() < 0.4:
        whole += moved(outline(rng), 0, 0, rng.uniform(0.1, 0.5))
    if rng.random() < 0.3:
        whole.append(line((0, far), (rng.normal(0, 10), far + rng.uniform(40, 90))))
    return whole


def _crossing(rng: Rng) -> Strokes:
    """Return two to five lines or bows that cross one another near one place."""
    count = int(rng.choice([2, 2, 2, 3, 4, 5]))
    whole: Strokes = []
    for number in range(count):
        ends, bow = rng.uniform(25, 60, 2), rng.choice([0, 0, 1]) * rng.normal(0, 14)
        stroke = line((-ends[0], 0), (0, bow), (ends[1], 0))
        angle = 180 * number / count + rng.normal(0, 40 / count)
        whole += moved(turned([stroke], angle), *rng.normal(0, 4, 2))
    return turned(whole, rng.uniform(0, 180))


def _joined_sticks(rng: Rng) -> Strokes:
    """Return three to six straight lines, each of which begins somewhere on an earlier one."""
    whole = [turned([line((-50, 0), (50, 0))], 15 * int(rng.integers(12)))[0]]
    for _ in range(rng.integers(2, 6)):
        other = whole[rng.integers(len(whole))]
        share = rng.choice([0, 0, 0.5, 1, 1, rng.uniform()])
        start = other[:, 0] + share * (other[:, 1] - other[:, 0])
        angle = np.radians(45 * rng.integers(8) + rng.normal(0, 8))
        end = start + rng.uniform(25, 100) * np.array([np.cos(angle), np.sin(angle)])
        whole.append(np.stack([start, end], axis=1).astype(np.float32))
    return whole


def _stem_with_bows(rng: Rng) -> Strokes:
    """Return upright lines with bows between or beside them, as small letters have."""
    stems = [line((x, rng.choice([0, 40])), (x, rng.choice([100, 140]))) for x in (0, 60)]
    whole = stems[: rng.integers(1, 3)]
    for _ in range(rng.integers(1, 4)):
        start, side = 90 * int(rng.integers(4)), rng.choice([-30, 30, 30, 90])
        high = rng.choice([20, 30, 30])
        reach = start + rng.choice([-1, 1]) * rng.choice([90, 180, 180, 270])
        whole.append(arc(side, rng.uniform(30, 110), 30, high, start, reach))
    return turned(whole, 180) if rng.random() < 0.2 else whole


def _garland(rng: Rng) -> Strokes:
    """Return bows in a row, along a line or around, closed below sometimes."""
    count, start = int(rng.integers(3, 8)), rng.choice([0, 180])
    wide, high = rng.uniform(12, 22), rng.uniform(8, 40)
    if rng.random() < 0.4:
        bow = moved([arc(0, 0, wide, high, -90, 90)], 40, 0)
        return [s for n in range(count) for s in turned(bow, 360 * n / count)]
    bows = [arc(30 * n, rng.normal(0, 4), wide, high, start, start + 180) for n in range(count)]
    if rng.random() < 0.5:
        far = 30 * (count - 1) + 15
        bows.append(line((-15, 0), (-15, rng.uniform(0, 30)), (far, rng.uniform(0, 30)), (far, 0)))
    return bows


def _several_outlines(rng: Rng) -> Strokes:
    """Return two to four outlines beside, within or over one another, joined sometimes."""
    count, kind = int(rng.integers(2, 5)), rng.integers(3)
    one = outline(rng) if rng.random() < 0.5 else None
    whole: Strokes = []
    for number in range(count):
        right, down = ((110 * number, rng.normal(0, 8)), (0, 0), rng.uniform(-60, 60, 2))[kind]
        scale = 1 / (1 + number) if kind == 1 else rng.uniform(0.7, 1.1)
        whole += moved(one or outline(rng), right, down, scale)
    if kind == 0 and rng.random() < 0.5:
        whole.append(line((45, 0), (65, rng.normal(0, 5))))
    return whole


def _solid(rng: Rng) -> Strokes:
    """Return a box or another body in perspective: an outline, another one, edges between."""
    corners = int(rng.integers(3, 7))
    front = polygon(rng)[0] if corners > 4 else line((0, 0), (80, 0), (80, 80), (0, 80), (0, 0))
    right, down = rng.uniform(20, 50, 2)
    back = moved([front], right, down, rng.choice([1, 0.6, 0]))[0]
    edges = [np.stack([a, b], axis=1) for a, b in zip(front.T[:-1], back.T[:-1], strict=True)]
    return [front, back, *edges]


def _hatched(rng: Rng) -> Strokes:
    """Return lines across lines, or across an outline."""
    count = int(rng.integers(2, 6))
    whole = [line((-50, y), (50, y + rng.normal(0, 4))) for y in np.linspace(-40, 40, count)]
    other = [line((x, -50), (x, 50)) for x in np.linspace(-40, 40, int(rng.integers(1, 5)))]
    whole += other if rng.random() < 0.6 else outline(rng)
    return turned(whole, rng.choice([0, 0, 45, 20]))


THINGS: Mapping[str, Callable[[Rng], Strokes]] = {
    "polygon": polygon,
    "blob": blob,
    "petals": petals,
    "outline with parts in it": _holding,
    "outline with limbs": _with_limbs,
    "mirrored parts": _mirrored,
    "mirrored outline": _bulging,
    "wheel": _wheel,
    "crossing": _crossing,
    "joined sticks": _joined_sticks,
    "stem with bows": _stem_with_bows,
    "garland": _garland,
    "several outlines": _several_outlines,
    "solid": _solid,
    "hatched": _hatched,
}

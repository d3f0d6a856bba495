"""Digits as some people draw them and most data sets hardly show: by kind, with random proportions.

Found by looking at what the nets read wrongly of strangers' drawings (docs/models.md). As in
`synthetic_digits.py`, a shape is some strokes (2, n) in a box of about 100 × 100, y down.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from functions import FloatArray
from inkling.pretraining.synthetic_digits import Strokes, Uniform, arc, joined, line


class Kind(NamedTuple):
    """A way to draw a digit."""

    digit: int
    draw: Callable[[Uniform], Strokes]


def _box(left: float, top: float, right: float, bottom: float) -> FloatArray:
    """Return a closed rectangle, from its upper left."""
    return line((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


def _slashed_zero(u: Uniform) -> Strokes:
    rx, out = u(24, 46), u(-8, 14)
    slash = line((50 - rx - out * 0.7, 100 + out * 0.3), (50 + rx + out * 0.7, -out * 0.3))
    return [arc(50, 50, rx, 50, -90, u(260, 290)), slash[:, :: -1 if u(0, 1) < 0.3 else 1]]


def _barred_zero(u: Uniform) -> Strokes:
    """A zero whose bar stays within it."""
    rx, reach = u(26, 44), u(8, 18)
    return [
        arc(50, 50, rx, 50, -90, u(260, 290)),
        line((50 - reach, 50 + 1.4 * reach), (50 + reach, 50 - 1.4 * reach)),
    ]


def _boxed_zero(u: Uniform) -> Strokes:
    return [_box(u(0, 24), u(0, 8), u(76, 100), 100)]


def _hooked_zero(u: Uniform) -> Strokes:
    """A zero that begins or ends within itself."""
    rx = u(26, 44)
    hook = line((50 + u(-6, 12), u(14, 34)), (50 + rx * 0.5, u(0, 10)))
    return [joined(hook, arc(50, 50, rx, 50, u(-70, -40), u(-420, -385)))]


def _open_zero(u: Uniform) -> Strokes:
    """A zero that does not quite close, at its top or its right."""
    start = u(-100, -10)
    return [arc(50, 50, u(26, 46), 50, start, start + u(280, 325))]


def _led_in_zero(u: Uniform) -> Strokes:
    """A zero, wide often, that a short stroke from above leads into."""
    rx, ry, start = u(30, 56), u(30, 44), u(-150, -100)
    at = np.radians(start)
    x, y = 50 + rx * np.cos(at), 50 + ry * np.sin(at)
    lead = line((x + u(-6, 22), y - u(6, 18)), (x, y))
    return [joined(lead, arc(50, 50, rx, ry, start, start - u(330, 390)))]


def _led_out_zero(u: Uniform) -> Strokes:
    """A zero whose end flies off to its upper right."""
    rx, start = u(24, 44), u(-100, -60)
    loop = arc(50, 50, rx, 50, start, start - u(350, 400))
    return [joined(loop, line((50 + rx + u(4, 34), u(-14, 20))))]


def _climbing_one(u: Uniform) -> Strokes:
    """A one with an upstroke as long as its stem."""
    x = u(52, 74)
    return [joined(line((x - u(34, 60), u(46, 84)), (x, 0)), line((x, 0), (x - u(-4, 10), 100)))]


def _footed_one(u: Uniform) -> Strokes:
    """A one with a flag and a foot."""
    x, reach = u(46, 56), u(16, 34)
    flag = line((x - u(14, 30), u(8, 24)), (x, 0), (x, 100))
    return [flag, line((x - reach, 100), (x + reach, 100 + u(-4, 4)))]


def _looped_two(u: Uniform) -> Strokes:
    """A cursive two, whose tail crosses its stem."""
    head = arc(46, u(22, 30), u(20, 30), u(20, 28), u(-210, -160), u(20, 50))
    loop = arc(26, u(80, 88), u(12, 20), u(10, 18), -20, u(-300, -260))
    tail = line((u(36, 46), u(66, 80)), (u(78, 104), u(30, 66)))
    return [joined(head, line((u(46, 56), 62)), loop, tail)]


def _angular_two(u: Uniform) -> Strokes:
    return [
        line((u(4, 20), u(2, 14)), (u(74, 92), u(0, 6)), (u(4, 20), u(90, 100)), (u(78, 98), 98))
    ]


def _round_three(u: Uniform) -> Strokes:
    """A three whose ends nearly meet its middle, or that has hardly any."""
    rx, waist = u(26, 40), u(4, 16)
    upper = arc(48, 26, rx * 0.8, 26, u(-215, -180), 70)
    lower = arc(46, 72, rx, 28, -70, u(170, 215))
    return [joined(upper, line((48 + rx * 0.8 - waist * 1.6, 47)), lower)]


def _short_three(u: Uniform) -> Strokes:
    """A three whose lower bow is no more than a stroke downwards."""
    flat = u(0, 1) < 0.5
    head = (
        line((u(8, 24), u(6, 16)), (u(60, 76), u(0, 6)), (u(44, 54), u(34, 44)))
        if flat
        else arc(42, 22, u(22, 32), 22, u(-170, -130), 70)
    )
    way = line((u(56, 70), u(46, 56)), (u(56, 74), u(62, 76)), (u(36, 56), u(88, 100)))
    return [joined(head, way, line((u(6, 34), 100 + u(-4, 2))))]


def _angular_three(u: Uniform) -> Strokes:
    return [
        line(
            (u(4, 22), u(4, 16)),
            (u(66, 88), u(0, 10)),
            (u(28, 46), u(38, 50)),
            (u(74, 96), u(48, 62)),
            (u(2, 30), 100),
        )
    ]


def _tailed_three(u: Uniform) -> Strokes:
    """A three whose end runs far to the left."""
    upper = arc(56, 20, u(18, 26), 20, u(-160, -120), 80)
    lower = arc(56, 62, u(22, 30), 24, -80, 95)
    return [joined(upper, lower, line((u(20, 36), u(86, 96)), (u(-14, 8), u(92, 112))))]


def _mirrored_three(u: Uniform) -> Strokes:
    rx = u(24, 38)
    return [
        joined(arc(56, 25, rx, 25, u(-50, -20), -250), arc(56, 75, rx * u(1, 1.2), 25, -110, -320))
    ]


def _open_four(u: Uniform) -> Strokes:
    """A four of a U and a stem."""
    bar, x = u(48, 64), u(60, 84)
    left = line((u(10, 26), u(0, 8)), (u(6, 22), bar), (u(84, 102), bar + u(-8, 4)))
    return [left, line((x, u(0, 30)), (x - u(-6, 12), 100))]


def _looped_four(u: Uniform) -> Strokes:
    """A four in one go, with a loop where its bar meets its stem."""
    bar, x = u(44, 60), u(58, 72)
    return [
        joined(
            line((u(30, 56), 0), (u(4, 18), bar), (x + 12, bar - u(0, 8))),
            arc(x + 6, bar - 16, u(8, 14), u(12, 20), 40, -180),
            line((x - u(0, 14), 100)),
        )
    ]


def _boxed_five(u: Uniform) -> Strokes:
    right, waist = u(70, 92), u(40, 52)
    return [line((right, 0), (12, 0), (12, waist), (right, waist), (right, 100), (u(4, 16), 100))]


def _closed_five(u: Uniform) -> Strokes:
    """A five whose belly comes back to its neck."""
    left = u(24, 36)
    belly = arc(48, 68, u(26, 36), 31, u(-125, -105), u(165, 205))
    return [joined(line((u(70, 90), u(-2, 4)), (left, 2), (left - 2, u(38, 46))), belly)]


def _leaning_five(u: Uniform) -> Strokes:
    """A five in one swing, with hardly a neck, or whose bar flies off."""
    left = u(30, 44)
    bar = line((u(84, 110), u(-16, 4)), (left, u(4, 12)), (left - u(4, 14), u(36, 48)))
    return [joined(bar, arc(42, 70, u(22, 34), u(24, 30), u(-110, -80), u(80, 170)))]


def _u_shaped_six(u: Uniform) -> Strokes:
    """A six as a U whose right arm is a loop that comes back."""
    deep = u(84, 100)
    arm = line((u(16, 34), 0), (u(4, 16), u(50, 66)))
    bottom = arc(38, 70, 30, deep - 70, 170, 40)
    loop = arc(u(66, 78), u(48, 60), u(8, 16), u(22, 32), 110, u(-240, -190))
    tail = line((u(52, 64), u(84, 96)), (u(86, 104), u(76, 92)))
    return [joined(arm, bottom, loop, tail) if u(0, 1) < 0.7 else joined(arm, bottom, loop)]


def _flat_topped_six(u: Uniform) -> Strokes:
    """A six that begins with a bar, as a five does; its loop is closed, as a five's is not."""
    r, top = u(26, 38), u(62, 72)
    start = line((u(60, 82), u(-4, 6)), (50 - r * u(0.4, 0.9), u(2, 14)), (50 - r, top - 12))
    return [joined(start, arc(50, top, r, 100 - top, 190, u(545, 590)))]


def _boxed_six(u: Uniform) -> Strokes:
    waist, left = u(44, 58), u(8, 24)
    return [line((left, 0), (left, 100), (u(78, 94), 100), (u(78, 94), waist), (left, waist))]


def _wide_six(u: Uniform) -> Strokes:
    """A six with a neck on a wide loop."""
    rx, ry = u(42, 56), u(18, 26)
    neck = line((u(44, 66), u(0, 24)), (50 - rx * 0.8, 100 - ry * 1.5))
    return [joined(neck, arc(50, 100 - ry, rx, ry, 200, u(520, 580)))]


def _tailed_seven(u: Uniform) -> Strokes:
    """A seven whose foot turns to the right, as a two's."""
    x, foot = u(66, 84), u(36, 58)
    bar = line((u(2, 24), u(4, 18)), (x, u(0, 6)))
    tail = line((foot, u(90, 100)), (foot + u(8, 18), u(84, 100)), (foot + u(20, 46), u(62, 90)))
    return [joined(bar, tail)]


def _crossed_seven(u: Uniform) -> Strokes:
    x, foot, y = u(70, 92), u(24, 58), u(42, 62)
    start = [line((u(6, 18), u(12, 26)))] if u(0, 1) < 0.5 else []  # a serif
    stem = joined(*start, line((u(6, 20), u(0, 8)), (x, u(0, 6)), (foot, 100)))
    bar = line((u(14, 32), y + u(-2, 8)), (u(70, 96), y + u(-8, 4)))
    return [stem, bar if u(0, 1) < 0.7 else bar[:, ::-1]]


def _wavy_seven(u: Uniform) -> Strokes:
    bar = arc(22, u(8, 14), u(10, 16), u(6, 12), 180, 360)
    x = u(70, 90)
    return [joined(bar, line((x, u(0, 8)), (u(30, 54), 50), (u(24, 50), 100)))]


def _boxed_eight(u: Uniform) -> Strokes:
    left, right, waist = u(4, 22), u(76, 96), u(42, 56)
    return [_box(left, 0, right, 100), line((left, waist), (right, waist))]


def _wide_eight(u: Uniform) -> Strokes:
    """A small loop on a wide one."""
    small, wide, top = u(20, 34), u(44, 58), u(20, 32)
    upper = arc(50, 34 - top / 2 + 14, small, top * 0.7, 90, -270)
    return [joined(upper, arc(50, 74, wide, u(18, 26), -90, u(260, 285)))]


def _open_eight(u: Uniform) -> Strokes:
    """An eight whose end does not come back to its start."""
    t = np.linspace(np.radians(u(40, 70)), 2 * np.pi - np.radians(u(-10, 30)), 60)
    y = 50 - 50 * np.cos(t)
    x = 50 + np.where(y < 50, u(18, 28), u(24, 38)) * np.sin(2 * t)
    return [np.array([x, y], np.float32)]


def _eight_of_circles(u: Uniform) -> Strokes:
    """Two circles, one on the other or overlapping."""
    r, shift = u(20, 28), u(-10, 10)
    lower = arc(50 - shift, 100 - u(26, 32), r + u(0, 8), u(26, 32), -90, 270)
    return [arc(50 + shift, r, r, r, u(0, 90), u(360, 450)), lower]


def _straight_nine(u: Uniform) -> Strokes:
    """A nine whose loop leans on a straight stem."""
    x = u(60, 78)
    loop = arc(x - 24, u(22, 30), u(22, 30), u(20, 28), -20, u(-370, -340))
    return [joined(loop, line((x, u(6, 20)), (x - u(-6, 8), 100)))]


def _hooked_nine(u: Uniform) -> Strokes:
    """A nine whose tail curls back to the left, as a g."""
    r = u(22, 32)
    loop = arc(46, r, r, r, u(-40, 0), u(-380, -350))
    return [joined(loop, arc(46, 62, r + u(0, 6), 38, u(-20, 0), u(120, 165)))]


KINDS = {
    "slashed 0": Kind(0, _slashed_zero),
    "0 with a bar in it": Kind(0, _barred_zero),
    "box-like 0": Kind(0, _boxed_zero),
    "0 with a hook in it": Kind(0, _hooked_zero),
    "open 0": Kind(0, _open_zero),
    "0 with a lead-in": Kind(0, _led_in_zero),
    "0 with a lead-out": Kind(0, _led_out_zero),
    "1 with a long upstroke": Kind(1, _climbing_one),
    "1 with a foot": Kind(1, _footed_one),
    "looped 2": Kind(2, _looped_two),
    "angular 2": Kind(2, _angular_two),
    "nearly closed 3": Kind(3, _round_three),
    "short 3": Kind(3, _short_three),
    "angular 3": Kind(3, _angular_three),
    "3 with a long tail": Kind(3, _tailed_three),
    "mirrored 3": Kind(3, _mirrored_three),
    "open 4": Kind(4, _open_four),
    "looped 4": Kind(4, _looped_four),
    "box-like 5": Kind(5, _boxed_five),
    "closed 5": Kind(5, _closed_five),
    "leaning 5": Kind(5, _leaning_five),
    "U-shaped 6": Kind(6, _u_shaped_six),
    "6 with a flat top": Kind(6, _flat_topped_six),
    "box-like 6": Kind(6, _boxed_six),
    "wide 6": Kind(6, _wide_six),
    "tailed 7": Kind(7, _tailed_seven),
    "crossed 7": Kind(7, _crossed_seven),
    "wavy 7": Kind(7, _wavy_seven),
    "box-like 8": Kind(8, _boxed_eight),
    "wide 8": Kind(8, _wide_eight),
    "open 8": Kind(8, _open_eight),
    "8 of two circles": Kind(8, _eight_of_circles),
    "9 with a straight stem": Kind(9, _straight_nine),
    "9 as a g": Kind(9, _hooked_nine),
}


def unusual_shape(kind: str, rng: np.random.Generator) -> Strokes:
    """Return a digit of a kind, one of KINDS."""
    return KINDS[kind].draw(lambda low, high: float(rng.uniform(low, high)))

"""The contact sheet of `inkling review`: digits with captions that say why they are on it."""

from collections.abc import Sequence

from PIL import Image

from inkling.history.review import Reviewed
from inkling.nets.registry import NETWORKS, RETRAINED
from inkling.plots.contact_sheet import contact_sheet
from inkling.records import NOT_A_DIGIT

LINE = 17  # characters of a caption that fit beneath a digit
REASON_LINES = 3  # lines of a caption that the reason may take


def review_sheet(reviewed: Sequence[Reviewed]) -> Image.Image:
    """Draw all of them on one picture, with captions. Raises InvalidInput where there is none."""
    digits = [one.drawing.seen() for one in reviewed]
    return contact_sheet(digits, [caption(one) for one in reviewed])


def caption(one: Reviewed) -> str:
    """Return lines that fit: label, the first of the id, what the models said, the reason.

    `FNN 4:99 9:51` is the original's digit and per cent, then the retrained net's.
    """
    label = "no digit" if one.drawing.label == NOT_A_DIGIT else f"a {one.drawing.label}"
    lines = [f"{label}  {one.drawing.id[:8]}"]
    for net, retrained in RETRAINED.items():
        pair = [one.said.get(name) for name in (net, retrained)]
        words = [f"{p[0]}:{100 * p[1]:.0f}" if p else "-" for p in pair]
        lines.append(f"{NETWORKS[net].title} {' '.join(words)}")
    words = ["suspicious"] * one.suspicious + [one.reason] * one.rejected
    return "\n".join([*lines, *_wrapped(": ".join(words))])


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= LINE:
            lines[-1] = longer
        else:
            lines.append(word[:LINE])
    shown = [line for line in lines if line][:REASON_LINES]
    cut = len(shown) < len([line for line in lines if line])
    return [*shown[:-1], shown[-1][: LINE - 1] + "…"] if cut else shown

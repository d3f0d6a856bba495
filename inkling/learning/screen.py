"""The screen: labels that are not worth a step, told before it is taken.

What is screened out stays in the journal as rejected, with its reason, for `inkling review`.

A label fails in which no model believes even a little: consensus filtering, as in Brodley and
Friedl (1999), "Identifying mislabeled training data". The originals have a say in it, and no label
moves them.
"""

from collections.abc import Sequence

from inkling.rejections import Code, Rejection
from two_layer_net import FloatArray

DOUBT = 0.01  # the probability below which every model must give the label
SURE = 0.95  # and above which it is sure of another digit
EXCESS = 1.0  # how much more than a digit a drawing may score: asked for an answer, it may not


def objection(
    label: int, said: Sequence[FloatArray], unlike_digits: float | None = None
) -> Rejection | None:
    """Return why a label is not to be learned; None where it is.

    said: the probabilities (10,) of each model. unlike_digits: by how much the drawing scores more
    than digits do (`UnlikeDigits.excess`); None where nobody knows.
    """
    if unlike_digits is not None and unlike_digits > EXCESS:
        return Rejection(Code.NO_DIGIT, {"score": round(unlike_digits, 3)})
    if not said or any(probabilities[label] >= DOUBT for probabilities in said):
        return None
    digits = {int(p.argmax()) if p.max() > SURE else None for p in said}
    if len(digits) == 1 and digits != {None}:
        return Rejection(Code.SURE_OF_ANOTHER, {"said": digits.pop(), "label": label})
    return Rejection(Code.NOT_BELIEVED, {"label": label})

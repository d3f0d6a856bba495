"""Why a label was not learned, as its visitor is told.

The journal's reasons are for who runs the app: some hold figures, some the text of an error.
Visitors are told those that are listed here, in plain words, and nothing of the others.
"""

import re

TOLD = (  # how a reason in the journal begins, and what is said instead
    (r"Every model is sure that this is an? (8)\b", "Every model is sure that this is an {}."),
    (r"Every model is sure that this is an? (\d)\b", "Every model is sure that this is a {}."),
    (r"No model sees an? (8) in this", "No model sees an {} in this."),
    (r"No model sees an? (\d) in this", "No model sees a {} in this."),
    (r"The (\w+) would have read ", "The step would have made the {} worse at other digits."),
    (r"Rolled back to version (\d+)", "The models went back to version {}."),
)


def told(reason: str | None) -> str | None:
    """The reason as a sentence for the visitor; None where there is none to tell."""
    for begins, words in TOLD:
        if found := re.match(begins, reason or ""):
            return words.format(*found.groups())
    return None

"""The gallery: what visitors drew, by digit, newest first, as far as the site shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, render_template, request

from functions import digit_data_url, from_bytes
from inkling.evaluation.prequential import COUNTED
from inkling.journal.gallery import Asked, Exhibit, Said, exhibits
from inkling.records import DELETING, NOT_A_DIGIT, State
from inkling.web import forms
from inkling.web.app import current_app
from inkling.web.bad_input import BadInput
from inkling.web.languages import SAY
from inkling.web.rate_limit import LOOKING, limited

A_PAGE = 60  # drawings
FILTERS = ("digit", "said", "state")

blueprint = Blueprint("gallery", __name__)


@dataclass(frozen=True)
class GalleryPage:
    """A page of the gallery: what was asked for, and what is shown.

    older: the query of the next page, None on the last one. most: what may be shown at all.
    """

    asked: Mapping[str, str]
    exhibits: list[Exhibit]
    older: dict[str, str] | None
    most: Asked

    @property
    def digits(self) -> list[tuple[str, str]]:
        """The digits to choose from, as the query has them and in words."""
        digits = [(str(digit), str(digit)) for digit in range(10)]
        return [*digits, (forms.NO_DIGIT, SAY.text("no digit"))] if self.most.no_digits else digits

    @property
    def states(self) -> list[tuple[str, str]]:
        """The states to choose from."""
        return [(state.value, state.value) for state in self.most.states]

    @staticmethod
    def picture(exhibit: Exhibit) -> str:
        """Return what the nets saw as a data URL."""
        return digit_data_url(from_bytes(exhibit.digit))

    @staticmethod
    def words(exhibit: Exhibit) -> str:
        """Return an exhibit in words, for those who do not see the picture."""
        label = SAY.text("no digit") if exhibit.label == NOT_A_DIGIT else SAY.a_digit(exhibit.label)
        if exhibit.answer is None:
            return SAY.text("The drawing of %(label)s; the app was not sure", label=label)
        return SAY.text(
            "The drawing of %(label)s; the app said %(answer)s", label=label, answer=exhibit.answer
        )


@blueprint.get("/gallery")
@limited(LOOKING)
def page() -> str:
    """Show what visitors drew, where the site shows it."""
    shown = current_app.settings.show_drawings == "yes"
    found = read_page(Asked(COUNTED)) if shown else None
    return render_template("gallery.html", page=found, states=())


def read_page(most: Asked) -> GalleryPage:
    """Return the page that the request's query asks for, of what may be shown at the most."""
    asked = read_query(request.args, most)
    found = exhibits(current_app.journal, asked, A_PAGE + 1)
    query = {
        name: request.args[name] for name in ("digit", "said", "state") if request.args.get(name)
    }
    older = None
    if len(found) > A_PAGE:
        found.pop()
        older = query | {"before": str(found[-1].position)}
    return GalleryPage(query, found, older, most)


def read_query(query: Mapping[str, str], most: Asked) -> Asked:
    """Return what a query asks for. Raises BadInput for what there is not."""
    asked = most
    if digit := query.get("digit"):
        label = forms.label({"digit": digit})
        if label == NOT_A_DIGIT and not most.no_digits:
            raise BadInput(
                SAY.text("Drawings of no digit are not shown."), SAY.text("Ask for one of 0 to 9.")
            )
        asked = replace(asked, label=label)
    if said := query.get("said"):
        asked = replace(asked, said=Said(forms.one_of("said", said, list(Said))))
    if state := query.get("state"):
        there = [one for one in most.states if one != DELETING]
        asked = replace(asked, states=(State(forms.one_of("state", state, there)),))
    if before := query.get("before"):
        asked = replace(asked, before=forms.version({"version": before}))
    return asked

"""What the operator does with drawings, behind ADMIN_PASSWORD: all of them, changed, and undone."""

import re
import uuid
from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from inkling.errors import InvalidInput
from inkling.journal import changes
from inkling.journal.change_log import Action, Change, latest_changes
from inkling.journal.changes import count_waiting
from inkling.journal.exclusive import ExclusiveTransaction
from inkling.journal.gallery import Asked, picture_of
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, REJECTED, TRAINED
from inkling.web import forms, posted_fields
from inkling.web.admin import never_cached, password_required
from inkling.web.app import current_app
from inkling.web.bad_input import BadInput
from inkling.web.error_page import prefers_pages
from inkling.web.gallery import read_page
from inkling.web.other_sites import closed_to_other_sites
from inkling.words import ENGLISH

STATES = (QUEUED, TRAINED, REJECTED, COLLECTED)
LATEST = 100  # changes that are listed
QUERY = re.compile(r"[a-z0-9=&]{0,100}", re.ASCII)  # what the gallery asks for

blueprint = Blueprint("curation", __name__, url_prefix="/admin")
blueprint.after_request(never_cached)


@blueprint.app_template_filter()
def change_words(change: Change) -> str:
    """Return what was done by hand, as a sentence."""
    if change.before is None or change.after is None:
        who = "A visitor deleted" if change.by_visitor else "Deleted"
        done = change.action is Action.DELETE
        return f"{who} a drawing" if done else "Changed a drawing that is deleted now"
    before, after = (_name(one.label) for one in (change.before, change.after))
    if change.action is Action.RELABEL:
        return f"Relabelled {before} as {after}"
    return f"{'Accepted' if change.action is Action.ACCEPT else 'Rejected'} {before}"


def _name(label: int) -> str:
    return "no digit" if label == NOT_A_DIGIT else ENGLISH.a_digit(label)


@blueprint.get("/drawings")
@password_required
def page() -> str:
    """Show all drawings, with what can be done with each."""
    found = read_page(Asked(STATES, no_digits=True))
    journal = current_app.journal
    return render_template(
        "gallery.html",
        page=found,
        states=STATES,
        changes=latest_changes(journal, LATEST),
        waiting=count_waiting(journal),
    )


@blueprint.get("/drawings/<uuid:id>.png")
@password_required
def picture(id: uuid.UUID) -> Response:
    """Send a drawing's picture as it is stored."""
    png = picture_of(current_app.journal, str(id))
    return Response(abort(404) if png is None else png, mimetype="image/png")


@blueprint.post("/drawings/<uuid:id>")
@password_required
@closed_to_other_sites
def change(id: uuid.UUID) -> ResponseReturnValue:
    """Accept, reject, relabel or delete a drawing; what the nets hold of it follows by itself."""
    fields = posted_fields.fields(request)
    action = Action(forms.one_of("action", fields.get("action"), list(Action)))
    if action is Action.DELETE:
        if not changes.delete(current_app.journal, str(id)):
            abort(404)
    else:
        _do(lambda transaction: _change(transaction, str(id), action, fields))
    return _done(fields, drawing=str(id), action=action)


def _change(
    transaction: ExclusiveTransaction, id: str, action: Action, fields: posted_fields.Fields
) -> None:
    if action is Action.RELABEL:
        changes.relabel(transaction, id, forms.label(fields))
    elif action is Action.ACCEPT:
        changes.accept(transaction, id)
    else:
        changes.reject(transaction, id)


@blueprint.post("/changes/<int:number>/undo")
@password_required
@closed_to_other_sites
def undo(number: int) -> ResponseReturnValue:
    """Undo a change: the drawing becomes what it was before."""
    _do(lambda transaction: changes.undo(transaction, number))
    return _done(posted_fields.fields(request), change=number)


def _do(change: Callable[[ExclusiveTransaction], None]) -> None:
    """Do it alone. Raises BadInput (409) where it cannot be done."""
    try:
        with current_app.journal.alone() as transaction:
            change(transaction)
    except BadInput:
        raise
    except InvalidInput as error:
        raise BadInput(error.message, error.remedy, status=409) from error


def _done(fields: posted_fields.Fields, **told: object) -> ResponseReturnValue:
    """Tell the trainer; lead a browser back to where it was, and tell a program."""
    current_app.coordination.labels.notify()
    if not prefers_pages():
        return jsonify(**told)
    back = fields.get("back") or ""
    query = f"?{back}" if back and QUERY.fullmatch(str(back)) else ""
    return redirect(url_for("curation.page") + query, 303)

"""`inkling review`: rejected and suspicious drawings, to be looked at."""

import json
from pathlib import Path

import click

from inkling.cli.options import NEW_FILE, Count, json_option
from inkling.cli.progress import Progress
from inkling.cli.review_sheet import review_sheet
from inkling.cli.session import Session
from inkling.history.review import Reviewed, accept, reject, to_review
from inkling.plots.contact_sheet import write_contact_sheet


@click.command()
@click.option(
    "--out",
    type=NEW_FILE,
    help="Write a contact sheet, a PNG, here.",
)
@click.option(
    "--last",
    type=Count(),
    default=200,
    show_default=True,
    help="How many, the newest.",
)
@click.option("--accept", "verdict", flag_value="accept", help="Learn these, whatever they are.")
@click.option("--reject", "verdict", flag_value="reject", help="Take these out of the nets.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@json_option
def review(
    out: Path | None, last: int, verdict: str | None, ids: tuple[str, ...], as_json: bool
) -> None:
    """Show the drawings that were rejected and those with a suspicious label, or judge some.

    Suspicious is a digit's label where each of the four models, before it had the label, gave
    another digit more than 99 %.

    With --accept ID… rejected drawings are learned next, past screen and gate. With --reject ID…
    drawings are rejected; those that the nets have learned are taken out of them, as if they had
    never been learned, and kept. Both work beside a running server, and what was judged is not
    shown again. `inkling forget ID` deletes a drawing, and `inkling rollback --to VERSION` what was
    learned since a version.
    """
    if (verdict is None) != (not ids):
        raise click.UsageError("Name drawings after --accept or --reject.")
    if verdict:
        click.echo(_judged(verdict, ids))
        return
    with Session() as session:
        found = to_review(session.journal, last)
    if out and found:
        write_contact_sheet(out, review_sheet(found))
    if as_json:
        click.echo(json.dumps({"drawings": [_as_json(one) for one in found]}))
        return
    for one in found:
        click.echo(_line(one))
    click.echo(_sum(found))
    if out:
        click.echo(f"Wrote {out}." if found else "There is nothing to draw.")


def _judged(verdict: str, ids: tuple[str, ...]) -> str:
    drawings = f"{len(ids):,} drawing{'s' * (len(ids) != 1)}"
    with Session() as session:
        if verdict == "accept":
            accept(session.journal, ids)
            told = f"Accepted {drawings}. What was rejected is learned next."
        else:
            progress = Progress("Learning again").now_and_then
            originals, build = session.originals, session.build_learner
            reject(session.outbox, originals, build, ids, progress)
            told = f"Rejected {drawings}. The nets are as if they had never learned any of them."
        session.notify()
    return told


def _sum(found: list[Reviewed]) -> str:
    rejected, suspicious = sum(o.rejected for o in found), sum(o.suspicious for o in found)
    both = rejected + suspicious - len(found)
    return f"{rejected} rejected, {suspicious} suspicious" + f", {both} both" * (both > 0) + "."


def _line(one: Reviewed) -> str:
    drawing = one.drawing
    label = "no digit" if drawing.label < 0 else f"a {drawing.label}"
    said = ", ".join(f"{name} {digit} {100 * p:.1f} %" for name, (digit, p) in one.said.items())
    state = f"{drawing.state}{', suspicious' * one.suspicious}"
    return f"{drawing.id}  {label}  {state}  {one.reason}  [{said}]"


def _as_json(one: Reviewed) -> dict[str, object]:
    drawing = one.drawing
    return {
        "id": drawing.id,
        "label": drawing.label,
        "state": drawing.state,
        "version": drawing.version,
        "suspicious": one.suspicious,
        "reason": one.reason,
        "said": {m: {"digit": digit, "probability": p} for m, (digit, p) in one.said.items()},
    }

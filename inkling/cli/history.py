"""`inkling history`: every version, what it came of, what it did."""

import json
from dataclasses import asdict

import click

from inkling.cli.options import Count, json_option
from inkling.cli.session import Session
from inkling.journal.history import Entry, Totals, totals
from inkling.journal.history import history as read_history
from inkling.nets.registry import MODELS

SHORT = {key: model.title for key, model in MODELS.items()}


@click.command()
@click.option(
    "--last",
    type=Count(),
    default=20,
    show_default=True,
    help="How many versions, the newest first.",
)
@json_option
def history(last: int, as_json: bool) -> None:
    """The versions, newest first: what each learned, and how both nets saw it before and after.

    A star marks those whose weights are stored. Behind a lesson stand the drawing's id, its label
    and the probability of it that each net gave before and after.
    """
    with Session() as session:
        entries, counts = read_history(session.journal, last), totals(session.journal)
    if as_json:
        told = [asdict(e) | {"created_at": e.created_at.isoformat()} for e in entries]
        click.echo(json.dumps({"totals": asdict(counts), "versions": told}))
        return
    for entry in entries:
        click.echo(_line(entry))
    click.echo(_sum(counts))


def _line(entry: Entry) -> str:
    star = "*" if entry.stored else " "
    when = entry.created_at.strftime("%Y-%m-%d %H:%M:%S")
    return f"{entry.version:>7}{star} {when}  {_what(entry)}"


def _what(entry: Entry) -> str:
    if entry.kind == "rollback":
        return f"back to version {entry.target}"
    if entry.kind == "rebuild":
        if entry.target == 0:
            return "all learned again"
        return f"without what version {entry.target} had learned"
    if entry.kind == "relabel":
        return f"with another label for what version {entry.target} had learned"
    if entry.drawing is None:
        return "a drawing that was forgotten or left out"
    since = "" if entry.state == "trained" else f"  ({entry.state} since)"
    return f"{entry.drawing}  a {entry.label}{_receipt(entry)}{since}"


def _receipt(entry: Entry) -> str:
    moves = (entry.receipt or {}).items()
    return "".join(
        f"  {SHORT.get(net, net)} {100 * move['before']:.2f} → {100 * move['after']:.2f} %"
        for net, move in moves
    )


def _sum(counts: Totals) -> str:
    kinds = {"lesson": counts.lessons, "rollback": counts.rollbacks, "rebuild": counts.rebuilds}
    lessons, rollbacks, rebuilds = (f"{n:,} {kind}{'s' * (n != 1)}" for kind, n in kinds.items())
    return (
        f"{lessons}, of which {counts.rolled_back:,} rolled back and {counts.forgotten:,} "
        f"forgotten or left out; {rollbacks}, {rebuilds}. Versions whose weights are stored: "
        f"{counts.stored:,}, and version 0, the originals."
    )

"""`inkling verify`: whether what is served is what the journal implies."""

import json
from dataclasses import asdict

import click

from inkling.cli.options import json_option
from inkling.cli.progress import Progress
from inkling.cli.session import Session
from inkling.history.verify import Finding, Report
from inkling.history.verify import verify as look
from inkling.journal.database import UnusableDatabase


@click.command()
@click.option("--quick", is_flag=True, help="Do not replay the lessons.")
@click.option("--drawings", is_flag=True, help="Also compare what the object store has of each.")
@json_option
def verify(quick: bool, drawings: bool, as_json: bool) -> None:
    """Whether what is served is what the journal implies; safe beside a running server.

    Every version must have its drawing, the newest weights must be readable and be those that a
    replay gives: the FNN's bit for bit, the CNN's within 1e-6. Exits with 1 where something does
    not fit.
    """
    with Session() as session:
        report = _report(session, quick, drawings)
    if as_json:
        fits = {"fits": not report.findings}
        found = asdict(report)
        found["differences"] = {
            d.net: {"equal": d.equal, "largest": d.largest} for d in report.differences
        }
        click.echo(json.dumps(fits | found))
    else:
        _tell(report)
    if report.findings:
        raise SystemExit(1)


def _report(session: Session, quick: bool, drawings: bool) -> Report:
    originals = session.originals
    try:
        outbox = session.outbox
    except UnusableDatabase as error:
        return Report(findings=[Finding(str(error), "")])
    bars = {what: Progress(what) for what in ("Replaying", "Comparing drawings")}

    def progress(what: str, done: int, of: int) -> None:
        bars[what].now_and_then(done, of)

    open_nets = None if quick else session.build_learner
    return look(outbox, originals, open_nets, drawings, progress)


def _tell(report: Report) -> None:
    for finding in report.findings:
        click.echo(f"{finding.problem} {finding.remedy}".rstrip())
    for found in report.differences:
        how = "bit for bit" if found.equal else f"but for {found.largest:.3g}"
        if found.fits:
            click.echo(f"The {found.net.upper()} is what the journal's drawings make of it, {how}.")
    if report.drawings is not None:
        click.echo(f"Compared what the object store has of {report.drawings} drawings.")
    if not report.findings:
        click.echo(f"Version {report.version}: everything fits.")

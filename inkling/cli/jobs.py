"""`inkling jobs`: the trainings that were asked for, and how to end one."""

import json

import click

from inkling.cli.options import Count, json_option
from inkling.cli.session import Session
from inkling.journal.job_words import words_of
from inkling.journal.jobs import Job, cancel, jobs_of


@click.command()
@click.option("--cancel", "id", type=click.IntRange(1), metavar="ID", help="End this one.")
@click.option(
    "--last", type=Count(), default=20, show_default=True, help="How many, the newest first."
)
@json_option
def jobs(id: int | None, last: int, as_json: bool) -> None:
    """The trainings of networks that were asked for: where each is, and what became of it.

    A trainer runs them one after another. One that is cancelled or fails leaves its network the
    weights that it has; one that runs ends within seconds, where a trainer is there.
    """
    with Session() as session:
        found = jobs_of(session.journal, last) if id is None else [cancel(session.journal, id)]
    if as_json:
        click.echo(json.dumps({"jobs": [job.to_json() for job in found]}))
        return
    for job in found:
        click.echo(_line(job))
    if not found:
        click.echo("No training was asked for yet.")


def _line(job: Job) -> str:
    when = job.created_at.strftime("%Y-%m-%d %H:%M:%S")
    return f"{job.id:>5}  {when}  {job.network} on {job.sample}: {words_of(job)}"

"""`inkling account`: how often each model was right, and whether learning helped."""

import json
from collections.abc import Iterator

import click

from inkling.cli.options import json_option
from inkling.cli.score_tables import NAME_WIDTH, digit_head, percent
from inkling.cli.session import Session
from inkling.evaluation.prequential import Figures, PrequentialAccuracy
from inkling.evaluation.sequential_test import ALPHA, Verdict
from inkling.nets.registry import NETWORKS


@click.command()
@json_option
def account(as_json: bool) -> None:
    """How often each model was right before it could learn the answer; whether learning helped.

    Every label tests what the four models and the app had said of its drawing; the mean probability
    is what a model had given the right digit. Rejected labels and drawings that are no digit are
    not counted. The verdict may be looked at at any time: where learning makes no difference, it
    says otherwise once in twenty cases at most.
    """
    with Session() as session:
        figures = PrequentialAccuracy(session.journal).figures()
    if as_json:
        click.echo(json.dumps(figures.as_json()))
    else:
        for line in tables(figures):
            click.echo(line)


def tables(figures: Figures) -> Iterator[str]:
    """The account's lines: accuracies, those per digit, the verdicts."""
    yield _head(figures)
    if figures.labels:
        yield ""
        yield from _accuracies(figures)
        yield ""
        yield from _per_digit(figures)
    for net, found in figures.verdicts.items():
        yield ""
        yield found.in_words(NETWORKS[net].title)
        yield _evidence(found)


def _head(figures: Figures) -> str:
    labels = f"{figures.labels:,} label{'s' * (figures.labels != 1)} scored."
    out = []
    if figures.no_digits:
        out.append(
            f"{figures.no_digits:,} that {'is' if figures.no_digits == 1 else 'are'} no digit"
        )
    if figures.rejected:
        out.append(f"{figures.rejected:,} rejected")
    return f"{labels} Left out: {', '.join(out)}." if out else labels


def _accuracies(figures: Figures) -> Iterator[str]:
    count = next(iter(figures.records.values())).last.of
    heads = f"{'right':>10}{'accuracy':>10}{f'last {count}':>10}{'mean probability':>18}"
    yield " " * NAME_WIDTH + heads
    for name, record in figures.records.items():
        yield (
            f"{name:{NAME_WIDTH}}{record.all.right:>10,}"
            f"{percent(record.all.share):>10}{percent(record.last.share):>10}"
            f"{percent(figures.probability.means.get(name)):>18}"
        )


def _per_digit(figures: Figures) -> Iterator[str]:
    yield "Right per digit, of how many"
    yield digit_head(8)
    for name, record in figures.records.items():
        yield f"{name:{NAME_WIDTH}}" + "".join(f"{tally.right:>8,}" for tally in record.per_digit)
    yield f"{'of':{NAME_WIDTH}}" + "".join(f"{count:>8,}" for count in figures.per_digit)


def _evidence(found: Verdict) -> str:
    since = f", known since label {found.since:,}" if found.since else ""
    return (
        f"  {found.verdict}{since}; e-value {found.e_value:.3g}, at its highest "
        f"{found.highest:.3g}; {1 / ALPHA:.0f} decides"
    )

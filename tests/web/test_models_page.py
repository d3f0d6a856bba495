"""The Models page: figures of originals and retrained nets, pictures, and what is missing."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from inkling.evaluation.metrics import Score, scores_to_json
from inkling.journal.jobs import (
    JobState,
    ask_training,
    cancel,
    end_job,
    note_progress,
    take_up,
)
from inkling.journal.writer import Journal, open_journal
from inkling.records import Drawing, Lesson
from inkling.settings import DEMONSTRATION, Settings
from inkling.web.models_page import ModelsPage
from inkling.web.report_card import cards, mistakes
from testing.commits import commit
from tests.conftest import AppMaker

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 340 200"><text>{}</text></svg>'
MODELS = ("fnn", "fnn_retrained", "cnn", "cnn_retrained", "answer")

Open = Callable[..., FlaskClient]


def made_up(wrong: int, *, of: int = 100, unsure: int = 0) -> Score:
    """`of` drawings of each digit; of the 4s, so many are taken for 9 and so many not answered."""
    rows = [[of if said == digit else 0 for said in range(11)] for digit in range(10)]
    rows[4][4], rows[4][9], rows[4][10] = of - wrong - unsure, wrong, unsure
    return Score(tuple(map(tuple, rows)), 0.01)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A models folder with the originals, an evaluation and all pictures."""
    folder = tmp_path / "models"
    (folder / "plots").mkdir(parents=True)
    for name in ("fnn.npz", "cnn.npz", "cnn.tflite"):
        (folder / name).symlink_to(settings.models_folder / name)
    wrong = {"fnn": 20, "fnn_retrained": 20, "cnn": 10, "cnn_retrained": 10}
    models = {model: made_up(count) for model, count in wrong.items()}
    models["answer"] = made_up(8, unsure=1)
    sets = scores_to_json({"MNIST test": models, "validation writers": models})
    evaluation = {"weights": "original", "version": 0, "sets": sets}
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    for net in ("fnn", "cnn"):
        for kind in ("diagram", "diagram-dark", "history", "history-dark"):
            (folder / "plots" / f"{net}-{kind}.svg").write_text(SVG.format(f"{net} {kind}"))
    return folder


@pytest.fixture
def open_app(settings: Settings, folder: Path, make_app: AppMaker) -> Open:
    def open_app(**changes: Any) -> FlaskClient:
        return make_app(replace(settings, models_folder=folder, **changes)).test_client()

    return open_app


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


def learn(journal: Journal, versions: int) -> None:
    """As many versions as a trainer would have made; none of their weights are read here."""
    for number in range(1, versions + 1):
        drawing = journal.add(Drawing(f"id {number}", 7, b"", bytes(784), {}, 0))
        commit(journal, [Lesson(drawing, number, {})], {"fnn": "none", "cnn": "none"})


def evaluate(journal: Journal, version: int) -> None:
    """As the background does: the FNN made 5 mistakes fewer, the CNN 1 more."""
    wrong = {"fnn_retrained": 15, "cnn_retrained": 11, "answer": 9}
    found = {model: made_up(count) for model, count in wrong.items()}
    journal.add_evaluation(
        version, scores_to_json({"MNIST test": found, "validation writers": found})
    )


def page(client: FlaskClient) -> str:
    """The page's text, its white space made one."""
    answer = client.get("/models")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def lines(text: str) -> dict[str, str]:
    """Of the first set: what is said of each model."""
    card = text.split('<article class="score-card')[1].split("</article>")[0]
    found = re.findall(r'<li data-model="(\w+)"[^>]*>(.*?)</li>', card)
    return {model: re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", said)) for model, said in found}


def test_at_version_0_the_retrained_nets_are_the_originals(open_app: Open) -> None:
    text = page(open_app())
    said = lines(text)
    assert sorted(said) == sorted(MODELS)
    assert "98.00 %" in said["fnn"]
    assert said["fnn_retrained"].replace("retrained", "original") == said["fnn"]
    assert "99.10 %" in said["answer"]
    assert "Hardest: 4 (80.00 %)" in said["fnn"]
    assert "10 of 1,000 wrong" in said["cnn"]
    assert "Nobody has taught them yet" in text
    assert "measured" not in text
    assert text.count('<figure class="matrix"') == 6


def test_the_retrained_nets_are_shown_at_their_measured_version(
    open_app: Open, journal: Journal
) -> None:
    client = open_app()
    learn(journal, 3)
    evaluate(journal, 3)
    text = page(client)
    said = lines(text)
    assert "measured at version 3, the newest" in text
    assert "98.50 %" in said["fnn_retrained"]
    assert "5 mistakes fewer than the original" in said["fnn_retrained"]
    assert "1 mistake more than the original" in said["cnn_retrained"]
    assert "98.00 %" in said["fnn"]
    assert "99.10 %" in said["answer"]
    assert text.count('<figure class="matrix"') == 10


def test_programs_are_told_what_was_measured_last_and_when(
    open_app: Open, journal: Journal
) -> None:
    client = open_app()
    learn(journal, 2)
    path = "/fnn_retrained/train/status"
    told = client.get(path, auth=DEMONSTRATION).get_json()
    assert told == {"accuracy": None, "datetime": None}
    before = datetime.now(UTC).replace(microsecond=0)
    evaluate(journal, 1)
    told = client.get(path, auth=DEMONSTRATION).get_json()
    assert told["accuracy"] == "98.50"
    assert datetime.fromisoformat(told["datetime"] + "+00:00") >= before
    assert "98.50 % of 1,000 digits" in client.get("/fnn_retrained/about", auth=DEMONSTRATION).text


def test_figures_that_are_behind_are_told_as_such(open_app: Open, journal: Journal) -> None:
    client = open_app()
    learn(journal, 5)
    evaluate(journal, 3)
    assert "measured at version 3; they are at version 5." in page(client)


@pytest.mark.parametrize("test_mnist", ["", "mnist.npz"])
def test_the_first_label_takes_no_figures_away(
    open_app: Open, journal: Journal, test_mnist: str
) -> None:
    client = open_app(test_mnist=test_mnist)
    before = lines(page(client))
    learn(journal, 1)
    text = page(client)
    assert lines(text) == before
    assert "figures are of version 0, as they were shipped; they are at version 1." in (
        re.sub(r"\s+", " ", text)
    )
    assert ("measured again when there is nothing to learn" in text) == bool(test_mnist)
    assert "TEST_MNIST" not in text  # that is for who runs the site, and stands in the README


def test_how_good_the_nets_are_stands_before_how_they_are_built(open_app: Open) -> None:
    text = page(open_app())
    assert text.index("How good they are") < text.index("How it is built")


def test_what_a_models_folder_lacks_is_left_out_and_told(open_app: Open, folder: Path) -> None:
    (folder / "evaluation.json").unlink()
    for path in (folder / "plots").glob("fnn-*"):
        path.unlink()
    text = page(open_app())
    assert "The originals are not measured here." in text
    assert text.count("This picture was not made yet.") == 2
    assert "<code>" not in text
    assert "score-card " not in text
    assert "What they mix up" not in text


def test_retrained_figures_are_shown_without_the_originals_too(
    open_app: Open, folder: Path, journal: Journal
) -> None:
    (folder / "evaluation.json").unlink()
    client = open_app()
    learn(journal, 1)
    evaluate(journal, 1)
    said = lines(page(client))
    assert sorted(said) == ["answer", "cnn_retrained", "fnn_retrained"]
    assert "than the original" not in said["fnn_retrained"]


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "[]",
        '{"version": 0}',
        '{"version": 3, "sets": {}}',
        '{"version": 0, "sets": {"x": {"fnn": {"confusion": [[1]], "calibration_error": 0}}}}',
        '{"version": 0, "sets": {"x": {"fnn": {"confusion": "<b>", "calibration_error": 0}}}}',
    ],
)
def test_an_evaluation_that_cannot_be_read_is_told_and_logged(
    open_app: Open, folder: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "evaluation.json").write_text(content)
    client = open_app()
    for _ in range(2):
        assert "figures cannot be read." in page(client)
    told = [record for record in caplog.records if "evaluation.json" in record.message]
    assert len(told) == 1  # read once a process


def test_a_strange_name_of_a_set_is_text_and_nothing_else(open_app: Open, folder: Path) -> None:
    sets = scores_to_json({"<script>alert(1)</script>": {"fnn": made_up(3)}})
    (folder / "evaluation.json").write_text(json.dumps({"version": 0, "sets": sets}))
    text = page(open_app())
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_every_picture_of_the_page_is_served_for_ever_by_its_content(open_app: Open) -> None:
    client = open_app()
    text = client.get("/models").get_data(as_text=True)
    addresses = re.findall(r'(?:src|srcset)="(/models/plots/[^"]+)"', text)
    assert len(addresses) == 8
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert "immutable" in answer.headers["Cache-Control"]
        assert re.findall(r"plots/([\w-]+)\.svg", address)[0].replace("-", " ", 1) in answer.text
    plain = client.get("/models/plots/fnn-diagram.svg")
    assert "no-cache" in plain.headers["Cache-Control"]
    again = client.get(
        "/models/plots/fnn-diagram.svg", headers={"If-None-Match": plain.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["../evaluation", "..%2fevaluation", "%2e%2e/%2e%2e/etc/passwd", "other", "fnn", ""]
)
def test_no_other_file_is_served(open_app: Open, folder: Path, name: str) -> None:
    (folder / "plots" / "other.svg").write_text(SVG.format("other"))
    (folder / "evaluation.svg").write_text(SVG.format("outside"))
    assert open_app().get(f"/models/plots/{name}.svg").status_code == 404


def test_the_page_needs_no_script_and_has_no_inline_style(open_app: Open) -> None:
    text = page(open_app())
    assert "<script" not in text
    assert "<noscript" not in text
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)


def test_files_are_read_once(settings: Settings, folder: Path, journal: Journal) -> None:
    models_page = ModelsPage(replace(settings, models_folder=folder), journal)
    before, pictures = models_page.shown(), models_page.pictures
    (folder / "evaluation.json").unlink()
    (folder / "plots" / "fnn-diagram.svg").unlink()
    assert models_page.shown() == before
    assert models_page.pictures is pictures
    picture = pictures["fnn-diagram"]
    assert (picture.width, picture.height) == (340, 200)


def test_a_matrix_is_shaded_by_the_share_of_its_row() -> None:
    row = [0, 1, 2, 5, 10, 20, 50, 0, 0, 912, 0]
    score = Score(tuple(tuple(row) if n == 9 else (0,) * 11 for n in range(10)))
    (line,) = cards({"any": {"fnn": score}})[0].lines
    shades = [cell.shade for cell in line.matrix[9]]
    assert shades == [*(f"heat-{n}" for n in range(7)), "heat-0", "heat-0", "right"]
    assert line.said == list("0123456789")
    assert line.mix_ups == ["9 taken for 6 (50×)", "9 taken for 5 (20×)", "9 taken for 4 (10×)"]


def test_no_answer_is_a_column_of_its_own_where_there_was_one() -> None:
    (line,) = cards({"any": {"answer": made_up(2, unsure=3)}})[0].lines
    assert line.said == [*"0123456789", "?"]
    assert [cell.count for cell in line.matrix[4]] == [0, 0, 0, 0, 95, 0, 0, 0, 0, 2, 3]
    assert mistakes(line.score) == 5


def test_bars_are_mistakes_by_the_most_of_the_set() -> None:
    scores = {"fnn": made_up(20), "cnn": made_up(5), "answer": made_up(0)}
    bars = {line.model: line.bar for line in cards({"any": scores})[0].lines}
    assert bars == {"answer": 0, "fnn": 100, "cnn": 25}
    perfect = cards({"any": {"fnn": made_up(0)}})[0].lines[0]
    assert (perfect.bar, perfect.mix_ups, perfect.wrong_words) == (0, [], "none wrong")


def test_other_digits_are_not_compared() -> None:
    scores = {"fnn": made_up(5), "fnn_retrained": made_up(2, of=50)}
    line = cards({"any": scores})[0].lines[1]
    assert (line.fewer, line.wrong_words) == (None, "2 of 500 wrong")


def test_trainings_are_listed_where_there_are_any(open_app: Open, journal: Journal) -> None:
    client = open_app()
    assert "Trainings" not in page(client)
    ask_training(journal, "broken", "other")
    job = take_up(journal)
    assert job
    end_job(journal, job, JobState.FAILED, "<b>digits.npz</b> cannot be read.")
    ask_training(journal, "lenet", "mnist")
    job = take_up(journal)
    assert job
    told = {"epoch": 3, "epochs": 10, "loss": 0.1, "accuracy": 0.9871, "seconds_left": 130.0}
    note_progress(journal, job, told)
    ask_training(journal, "mine", "mnist")
    cancel(journal, job.id)
    said = page(client)
    assert "lenet <span>on MNIST</span>" in said and "being cancelled" in said
    assert '<rect class="fill" width="30.0"' in said
    assert "failed: &lt;b&gt;digits.npz&lt;/b&gt; cannot be read." in said
    assert said.index("mine") < said.index("on the other sample")


def test_a_running_training_says_how_far_it_is(open_app: Open, journal: Journal) -> None:
    ask_training(journal, "lenet", "mnist")
    job = take_up(journal)
    assert job
    told = {"epoch": 3, "epochs": 10, "loss": None, "accuracy": 0.9871, "seconds_left": 230.0}
    note_progress(journal, job, told)
    assert "running, 3 of 10 epochs, 98.71 % right, 4 min left" in page(open_app())

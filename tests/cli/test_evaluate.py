"""`inkling evaluate`, run as a person would run it."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkling import checkpoints
from inkling.data.datasets import held_out, read_mnist_test, read_strokes, write_strokes
from inkling.data.strokes import StrokeDrawing, labels_of
from inkling.evaluation.evaluate import DigitSet, evaluate, pipeline_digits
from inkling.evaluation.metrics import (
    ANSWER,
    MNIST_TEST,
    VALIDATION_WRITERS,
    Scores,
    scores_from_json,
)
from inkling.evaluation.models import load_models
from inkling.evaluation.robustness import BASE, row_names
from inkling.journal.writer import open_journal
from inkling.settings import Settings, load_settings
from inkling.storage.folder import FolderStore
from testing.data import MNIST, PEN_DIGITS, needs_data
from testing.pen import STROKES, draw
from tests.cli.test_main import run
from tests.serving.versions import publish, telling

NAMES = [f"pen/{number}" for number in range(60)]
KEPT = [name for name in NAMES if held_out(name)]


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """A stroke file: ten digits by a held-out writer, the same ten by one who is not."""
    file = tmp_path / "drawings.ndjson.gz"
    other = next(name for name in NAMES if not held_out(name))
    write_strokes(
        file, [StrokeDrawing(d, w, STROKES[d]) for w in (KEPT[0], other) for d in STROKES]
    )
    return file


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def learn(instance: Path) -> None:
    """Make version 1 of nets that take everything for a 0."""
    settings = load_settings({"INSTANCE_FOLDER": str(instance)})
    journal = open_journal(settings)
    publish(journal, FolderStore(settings.objects_folder, instance / "tmp"), 1, telling(1))
    journal.close()


def test_it_tells_scores_matrices_and_where_the_mistakes_are(
    drawings: Path, instance: Path
) -> None:
    learn(instance)
    told = run("evaluate", f"--drawings={drawings}", INSTANCE_FOLDER=str(instance))
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0] == "Weights: retrained (version 1)"
    assert "validation writers: 10 digits" in lines
    assert "calibration error" in told.stdout
    answer = [line.split() for line in lines if line.startswith("answer  ")]
    assert answer[0] == ["answer", "10.00%", "–"]  # zeros, all of them
    assert " ".join(answer[1]) == "answer 10.00 to 10.00 10.00% 10.00 to 10.00"  # one writer
    assert answer[2] == ["answer", "100.0", "*0.0", *["0.0"] * 8]
    assert f"  {KEPT[0]}  9 of 10" in lines  # misread
    assert "fnn_retrained, cnn_retrained: rows are labels, columns what was said" in lines
    assert lines[-14].endswith("  no answer")
    assert lines[-6].split() == ["7", "1", *["."] * 10]
    assert max(map(len, lines[:-1])) <= 100
    picture = instance / "worst-mistakes.png"
    assert lines[-2] == "Like no digit to the app: validation writers 0.00%."
    assert lines[-1] == f"The 9 surest mistakes are pictured in {picture}."
    with Image.open(picture) as sheet:
        assert sheet.format == "PNG"
    assert "Measuring 20/20\n" in told.stderr  # each drawn and looked at; no bar


def test_json_is_one_object_that_scores_can_be_read_from(drawings: Path, instance: Path) -> None:
    told = run("evaluate", f"--drawings={drawings}", "--json", INSTANCE_FOLDER=str(instance))
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert {*found} == {"weights", "version", "sets", "refused"}
    assert (found["weights"], found["version"]) == ("retrained", 0)
    scores = scores_from_json(found["sets"])
    assert [*scores] == ["validation writers"]
    assert scores["validation writers"][ANSWER].count == 10
    assert not (instance / "worst-mistakes.png").exists()


def test_writers_are_chosen_by_their_names_held_out_or_not(drawings: Path, instance: Path) -> None:
    told = run(
        "evaluate",
        f"--drawings={drawings}",
        "--writers=pen/",
        "--json",
        INSTANCE_FOLDER=str(instance),
    )
    found = json.loads(told.stdout)
    assert [*found["sets"]] == ["writers pen/…"]
    assert found["sets"]["writers pen/…"][ANSWER]["count"] == 20


def test_images_in_a_folder_are_a_set_too(tmp_path: Path, instance: Path) -> None:
    folder, file = tmp_path / "scans", tmp_path / "web.v1.npz"
    folder.mkdir()
    for digit in (3, 7):
        Image.fromarray(draw(digit)).save(folder / f"{digit}_anna.png")
    np.savez(file, x=np.stack([draw(digit) for digit in (4, 2, 0)]), y=np.array([4, 2, 0]))
    words = ("evaluate", f"--drawings={folder}", f"--drawings={file}", "--json")
    told = run(*words, INSTANCE_FOLDER=str(instance))
    assert told.returncode == 0, told.stderr
    sets = json.loads(told.stdout)["sets"]
    assert json.loads(told.stdout)["refused"] == {"scans": 0, "web": 0}
    assert {name: found["cnn"]["count"] for name, found in sets.items()} == {"scans": 2, "web": 3}
    assert [found["cnn"]["accuracy"] for found in sets.values()] == [1, 1]
    assert "by_writer" not in sets["web"]["cnn"]  # nobody knows whose they are


def test_a_file_of_which_nothing_was_learned_is_a_set_of_all_its_writers(
    drawings: Path, instance: Path
) -> None:
    words = ("evaluate", f"--unseen={drawings}", f"--drawings={drawings}")
    told = run(*words, INSTANCE_FOLDER=str(instance))
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert "validation writers: 10 digits" in lines
    assert "drawings: 20 digits" in lines
    assert "Like no digit to the app: validation writers 0.00%, drawings 0.00%." in lines
    assert "By writer, of 2; 95 % intervals, whole writers drawn anew" in lines
    sets = json.loads(run(*words, "--json", INSTANCE_FOLDER=str(instance)).stdout)["sets"]
    assert sets["validation writers"]["cnn"]["by_writer"]["writers"] == 1
    assert sets["drawings"]["answer"]["by_writer"] == {
        "writers": 2,
        "mean": 1.0,
        "mean_interval": [1.0, 1.0],
        "accuracy_interval": [1.0, 1.0],
        "worst": [],
    }


@pytest.mark.parametrize(
    ("word", "version", "accuracy"), [("original", 0, 1.0), ("0", 0, 1.0), ("1", 1, 0.1)]
)
def test_weights_may_be_chosen(
    word: str, version: int, accuracy: float, drawings: Path, instance: Path
) -> None:
    learn(instance)
    words = ("evaluate", f"--drawings={drawings}", "--json", f"--weights={word}")
    found = json.loads(run(*words, INSTANCE_FOLDER=str(instance)).stdout)
    assert (found["weights"], found["version"]) == (word, version)
    told = found["sets"]["validation writers"]
    assert told["cnn"]["accuracy"] == 1
    assert told["cnn_retrained"]["accuracy"] == accuracy


def test_the_weights_of_a_folder_have_no_version(drawings: Path, instance: Path) -> None:
    models = instance / "models"
    models.mkdir(parents=True)
    for net, arrays in telling(1).items():
        (models / f"{net}.npz").write_bytes(checkpoints.pack(arrays))
    picture = instance / "new" / "sheet.png"
    words = ("evaluate", f"--drawings={drawings}", "--json", f"--mistakes={picture}")
    told = run(*words, f"--weights={models}", INSTANCE_FOLDER=str(instance))
    found = json.loads(told.stdout)
    assert (found["weights"], found["version"]) == (str(models), None)
    assert found["sets"]["validation writers"]["cnn"]["accuracy"] == 0.1
    assert picture.is_file()


def test_robustness_adds_a_table(drawings: Path, instance: Path) -> None:
    words = ("evaluate", f"--drawings={drawings}", "--robustness", "--weights=original")
    told = run(*words, INSTANCE_FOLDER=str(instance))
    assert told.returncode == 0, told.stderr
    lines = told.stdout.split("Robustness: ")[1].splitlines()
    assert lines[1].split() == ["fnn", "cnn", "answer"]
    assert [line[:22].strip() for line in lines[2 : 2 + len(row_names())]] == row_names()
    found = json.loads(run(*words, "--json", INSTANCE_FOLDER=str(instance)).stdout)
    rows = scores_from_json(found["robustness"])
    assert [*rows] == row_names()
    told_row = {
        line[:22].strip(): [float(word) for word in line[22:].split()] for line in lines[2:22]
    }
    base = [100 * rows[BASE][name].accuracy for name in ("fnn", "cnn", ANSWER)]
    assert told_row.pop(BASE) == pytest.approx(base)
    for row, (fnn, off_fnn, cnn, off_cnn, answer, off_answer) in told_row.items():
        wanted = [100 * rows[row][name].accuracy for name in ("fnn", "cnn", ANSWER)]
        assert [fnn, cnn, answer] == pytest.approx(wanted)
        assert [fnn - off_fnn, cnn - off_cnn, answer - off_answer] == pytest.approx(base)


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ([], "There is nothing to evaluate on. Name --mnist, --drawings or --unseen."),
        (["--drawings={file}", "--weights=4"], "Version 4 is unknown: the newest is 0."),
        (["--drawings={file}", "--weights=best"], "The weights are 'best'. Name 'original'"),
        (["--drawings={file}", "--writers=zoe"], "No drawing is by a writer whose name begins"),
        (["--unseen={file}", "--robustness"], "There are no stroke drawings to vary."),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    words: list[str], wrong: str, drawings: Path, instance: Path
) -> None:
    words = [word.format(file=drawings) for word in words]
    failed = run("evaluate", *words, INSTANCE_FOLDER=str(instance))
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.splitlines()[-1].startswith(f"Error: {wrong}")
    assert "Traceback" not in failed.stderr


def test_a_file_of_another_kind_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "mnist.npz"
    file.write_text("no arrays")
    failed = run("evaluate", "--mnist", str(file), INSTANCE_FOLDER=str(tmp_path))
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith(f"Error: {file} cannot be read")


FLOORS = {  # on MNIST's test split, on the drawings of validation writers
    MNIST_TEST: {"fnn": 0.986, "cnn": 0.9955, ANSWER: 0.995},
    VALIDATION_WRITERS: {"fnn": 0.977, "cnn": 0.989, ANSWER: 0.988},
}
REFUSED = 0.005  # of digits, the most that may look like none
CALIBRATION = 0.01  # the greatest calibration error of a net
EVERY, LUCK = 4, 0.005  # of the data; by how much a quarter of it may lie off the whole


def check_floors(found: Scores, luck: float = 0) -> None:
    for name, floors in FLOORS.items():
        for model, floor in floors.items():
            assert found[name][model].accuracy >= floor - luck, (name, model)
        for net in ("fnn", "cnn"):
            off = found[name][net].calibration_error
            assert off is not None and off <= CALIBRATION + luck, (name, net)
    assert found[MNIST_TEST]["fnn_retrained"] == found[MNIST_TEST]["fnn"]


@pytest.mark.data
@needs_data
def test_the_shipped_originals_reach_their_floors_on_a_quarter(settings: Settings) -> None:
    """Always the same quarter; on all the data, as the command reads it, in the long test below."""
    digits, labels = read_mnist_test(MNIST)
    drawn = [d for d in read_strokes(PEN_DIGITS) if held_out(d.writer)][::EVERY]
    sets = {
        MNIST_TEST: DigitSet(digits[::EVERY].astype(np.float32) / np.float32(255), labels[::EVERY]),
        VALIDATION_WRITERS: DigitSet(pipeline_digits(drawn, workers=1), labels_of(drawn)),
    }
    check_floors(evaluate(load_models(settings, "retrained"), sets, workers=1), LUCK)


@pytest.mark.data
@pytest.mark.long
@needs_data
def test_the_shipped_originals_reach_their_floors(tmp_path: Path) -> None:
    words = ("evaluate", "--json", f"--mnist={MNIST}", f"--drawings={PEN_DIGITS}")
    measured = run(*words, INSTANCE_FOLDER=str(tmp_path))
    assert measured.returncode == 0, measured.stderr
    found = json.loads(measured.stdout)
    assert found["version"] == 0
    check_floors(scores_from_json(found["sets"]))
    assert max(found["refused"].values()) <= REFUSED

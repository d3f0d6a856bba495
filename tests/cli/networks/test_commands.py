"""`inkling network …` and `inkling predict`, from a training to the removal of what it made."""

import json
from pathlib import Path

import numpy as np
import pytest

from functions import encode_png
from inkling.data.datasets import write_strokes
from inkling.nets.description import Description
from inkling.nets.registry import MODELS
from testing import junk
from testing.pen import draw
from tests.cli.networks.conftest import Ink
from tests.plots.svg import texts
from tests.pretraining.material import HELD_OUT, LEARNERS, WATCHED, drawings

PAGE = [*MODELS]


def listed(ink: Ink) -> dict[str, str]:
    """Where each network is from, by name."""
    rows = json.loads(ink("network", "list", "--json").stdout)["networks"]
    return {row["name"]: row["from"] for row in rows}


def test_a_network_is_trained_told_asked_and_removed(
    ink: Ink, sample: Path, tmp_path: Path
) -> None:
    assert [*listed(ink)] == PAGE
    words = ("--epochs", 12, "--validation-split", 0.1, "--early-stopping", 9)
    done = ink("network", "train", "dense", "--hidden", "20,12", *words)
    epochs = [line for line in done.stderr.splitlines() if line.startswith("Epoch ")]
    assert [line.split()[1] for line in epochs] == [f"{n}/12" for n in range(1, 13)]
    for what in (" ms a step  loss ", "  accuracy ", "  val_loss ", "  val_accuracy "):
        assert what in epochs[-1]
    assert done.stdout.endswith("dense-20-12 is served.\n")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert listed(ink)["dense-20-12"] == "trained"

    told = ink("network", "summary", "dense-20-12").stdout
    for what in ("Dense 20-12", "16,082 parameters", "hidden: 20, 12", "epochs: 12", "seed: 0"):
        assert what in told
    rows = json.loads(ink("network", "list", "--json").stdout)["networks"]
    row = next(row for row in rows if row["name"] == "dense-20-12")
    assert (row["title"], row["parameters"]) == ("Dense 20-12", 16_082)
    scores = ink("network", "evaluate", "dense-20-12", "fnn", "--data", sample, "--json").stdout
    figures = json.loads(scores)["sets"]["sample.npz test"]
    assert figures["dense-20-12"]["accuracy"] == row["accuracy"] > 0.5
    assert f"{figures['dense-20-12']['loss']:.4f}" in told
    assert figures["fnn"]["digits"] == 100
    table = ink("network", "evaluate", "dense-20-12", "--split", "train").stdout
    assert "sample.npz train: 400 digits" in table

    ink("plot", "history", "dense-20-12", "--out", tmp_path / "a.svg")
    assert {"Dense 20-12", "training", "validation"} <= {*texts(tmp_path / "a.svg")}

    out = ink("network", "remove", "dense-20-12").stdout
    assert out == "Removed dense-20-12.\n"
    assert [*listed(ink)] == PAGE
    assert not [p for p in (tmp_path / "instance" / "objects").rglob("*") if p.is_file()]
    told = ink("network", "remove", "dense-20-12", code=1).stderr
    assert told.startswith("Error: There is no network 'dense-20-12'. Choose from: fnn, ")


def test_every_network_sees_a_picture(ink: Ink, sample: Path, tmp_path: Path) -> None:
    ink("network", "train", "dense", "--hidden", 4, "--epochs", 1, "--name", "tiny")
    for digit in (7, 2):
        (tmp_path / f"{digit}.png").write_bytes(encode_png(draw(digit)))
    smiley = tmp_path / "smiley.png"
    smiley.write_bytes(encode_png(junk.draw("smiley", 1, seed=3)[0]))
    files = [tmp_path / "7.png", tmp_path / "2.png"]
    found = json.loads(ink("predict", *files, "--mnist-test", 3, "--json").stdout)["predictions"]
    label = np.load(sample)["y_test"][3]
    titles = [*map(str, files), f"sample.npz test 3, a {label}"]
    assert [each["picture"] for each in found] == titles
    for each, digit in zip(found, (7, 2), strict=False):
        assert [*each["networks"]] == [*PAGE, "tiny"]
        assert each["networks"]["cnn"][0]["digit"] == digit
        assert all(len(likely) == 3 for likely in each["networks"].values())
    told = ink("predict", files[0]).stdout.splitlines()
    assert told[0] == str(files[0])
    assert [line.split()[0] for line in told[1:]] == [*PAGE, "tiny"]
    assert [line.split()[1] for line in told[1:5]] == ["7"] * 4
    for words in (["predict", "--network", "tiny"], ["network", "predict", "tiny"]):
        only = json.loads(ink(*words, files[0], "--json").stdout)["predictions"]
        assert only == [found[0] | {"networks": {"tiny": found[0]["networks"]["tiny"]}}]
    assert ink("predict", smiley).stdout.startswith(f"{smiley}, which looks like no digit\n")
    told = json.loads(ink("predict", smiley, files[0], "--json").stdout)["predictions"]
    assert [each["is_digit"] for each in told] == [False, True]


def test_a_network_of_the_models_folder_is_shipped(ink: Ink, models: Path, tmp_path: Path) -> None:
    words = ("network", "train", "dense", "--epochs", 1, "--seed")
    done = ink(*words, 1, "--out", models)
    assert done.stdout.endswith(f"Wrote dense to {models / 'networks'}.\n")
    ends = ("json", "npz", "tflite")
    assert [p.name for p in sorted((models / "networks").iterdir())] == [f"dense.{e}" for e in ends]
    assert not (tmp_path / "instance").exists()
    assert listed(ink)["dense"] == "shipped"
    shipped = ink("network", "predict", "dense", "--mnist-test", 0, "--json").stdout
    told = ink("network", "remove", "dense", code=1).stderr
    assert told == "Error: 'dense' is shipped. Only trained or imported ones are removed.\n"

    ink(*words, 2)
    assert listed(ink)["dense"] == "trained"
    assert ink("network", "predict", "dense", "--mnist-test", 0, "--json").stdout != shipped
    told = ink("network", "remove", "dense").stdout
    assert told == "Removed dense. The shipped one is served again.\n"
    assert ink("network", "predict", "dense", "--mnist-test", 0, "--json").stdout == shipped


def test_drawings_are_learned_and_judged_on(ink: Ink, tmp_path: Path) -> None:
    pens = tmp_path / "pens.ndjson"
    write_strokes(pens, drawings(*LEARNERS[:2], WATCHED[0], HELD_OUT[0]))
    words = ("network", "train", "dense", "--drawings", pens, "--epochs", 2)
    done = ink(*words, "--keep-variations")
    assert "Learning from 400 digits of sample.npz and 20 drawings." in done.stderr
    assert "val_accuracy" in done.stderr
    assert [p.suffix for folder in (tmp_path / "tmp").iterdir() for p in folder.iterdir()] == (
        [".npy"] * 7
    )
    ink(*words)
    assert list((tmp_path / "tmp").iterdir()) == []
    told = ink("network", "summary", "dense").stdout
    for what in ("drawings: 20", "writers: 2", "warping: 0.7", "renderings: 2", "batch: 256"):
        assert what in told
    found = ink("network", "evaluate", "dense", "cnn", "--drawings", pens, "--paper", "--json")
    sets = json.loads(found.stdout)["sets"]
    assert [*sets] == ["validation writers", "validation writers on paper"]
    assert all(each["cnn"]["digits"] == 10 for each in sets.values())
    assert sets["validation writers on paper"]["cnn"]["accuracy"] >= 0.8


def test_a_file_of_a_network_goes_out_and_in(ink: Ink, tmp_path: Path) -> None:
    ink("network", "train", "dense", "--hidden", 5, "--epochs", 1)
    out = tmp_path / "net.npz"
    told = ink("network", "export", "dense-5", "--format", "npz", "--out", out).stdout
    assert told == f"Wrote {out}.\nIt takes digits from 0 to 1.\n"
    ink("network", "export", "cnn", "--format", "tfjs", "--out", tmp_path / "cnn")
    assert (tmp_path / "cnn" / "model.json").is_file()
    told = ink("network", "import", out, "--name", "mine").stdout
    assert told == "mine is served, with 3,985 parameters.\n"
    assert listed(ink)["mine"] == "imported"
    asked = ("--mnist-test", 1, "--json")
    said = json.loads(ink("predict", "--network=mine", "--network=dense-5", *asked).stdout)
    mine, theirs = said["predictions"][0]["networks"].values()
    assert mine == theirs
    told = ink("network", "import", out, "--name", "mine", code=1).stderr
    assert told.startswith("Error: There is a network 'mine' already.")
    ink("network", "import", out, "--name", "mine", "--scale", 255, "--replace")
    assert "from 0 to 255" in ink("network", "summary", "mine").stdout
    out.write_bytes(b"damaged")
    before = listed(ink)
    assert "cannot be read" in ink("network", "import", out, "--name", "x", code=1).stderr
    assert listed(ink) == before


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["train", "lenet", "--hidden", "10"], "lenet has no hidden layers to choose."),
        (["train", "dense", "--hidden", "10,x"], "is no list of units"),
        (["train", "dense", "--hidden", ",".join(["1"] * 21)], "is no list of units"),
        (["train", "dense", "--hidden", "0"], "is no list of units"),
        (["train", "dense", "--hidden", "10", "--early-stopping", "2"], "Nothing is watched"),
        (["train", "dense", "--name", "api"], "'api' is an address of the app."),
        (["train", "dense", "--name", "cnn"], "'cnn' is one of the page's models."),
        (["train", "dense", "--name", "lenet"], "'lenet' is another kind of network."),
        (["train", "dense", "--name", "../a"], "'../a' is no name of a network."),
        (["train", "dense", "--validate-on-test", "--validation-split", "0.1"], "Only one of"),
        (["train", "dense", "--validation-split", "0.001"], "too few to split"),
        (["train", "dense", "--data", "nothing.npz"], "'nothing.npz' does not exist"),
        (["train", "dense", "--data", __file__], "cannot be read as .npz"),
        (["train", "perceptron"], "'perceptron' is not one of"),
        (["evaluate", "nobody"], "There is no network 'nobody'."),
        (["evaluate", "cnn", "--paper"], "There are no drawings to put on paper."),
        (["predict", "cnn"], "There is nothing to look at."),
        (["predict", "cnn", "--mnist-test", "100"], "sample.npz has 100 test digits."),
        (["predict", "cnn", __file__], "cannot be read"),
        (["summary", "nobody"], "There is no network 'nobody'."),
        (["export", "nobody", "--format", "npz"], "There is no network 'nobody'."),
        (["export", "cnn", "--format", "onnx"], "'onnx' is not one of"),
        (["import", __file__, "--name", "a"], "is no .keras, .h5 or .npz."),
        (["import", __file__, "--name", "lenet"], "'lenet' is trained here."),
        (["remove", "cnn"], "'cnn' is one of the page's models."),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    words: list[str], wrong: str, ink: Ink
) -> None:
    usage = any(each in wrong for each in ("is no list", "is not one of", "does not exist"))
    assert wrong in ink("network", *words, code=2 if usage else 1).stderr
    assert [*listed(ink)] == PAGE


def test_a_description_that_cannot_be_read_is_told(ink: Ink, models: Path) -> None:
    (models / "networks").mkdir()
    (models / "networks" / "a.json").write_text("{}")
    assert "description cannot be read" in ink("network", "list", code=1).stderr
    with pytest.raises(TypeError):
        Description()  # type: ignore[call-arg]

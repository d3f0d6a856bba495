"""`inkling sample`: a folder of pictures becomes a sample; what cannot be used is told."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from functions import process_image
from inkling.cli.main import inkling
from inkling.data.sample_folder import choose_test, has_dark_ground
from inkling.data.samples import read_sample
from testing.pen import draw

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `inkling sample` on the folder `pictures` of a test."""

    def run(*words: object) -> Result:
        words = (tmp_path / "pictures", tmp_path / "out.npz", *words)
        return CliRunner().invoke(inkling, ["sample", *map(str, words)])

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Ten digits in files of all formats, by name and by folder."""
    folder = tmp_path / "pictures"
    for digit in range(10):
        name = f"{digit}_81491" if digit % 2 else f"{digit}/x"
        suffix = ("jpg", "png", "bmp", "tif", "webp")[digit // 2]
        path = folder / f"{name}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw(digit)).save(path)
    return folder


@pytest.mark.usefixtures("pictures")
def test_pictures_become_the_digits_that_the_nets_see(run: Run, tmp_path: Path) -> None:
    done = run()
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-4:] == [
        "Digit " + "".join(f"{digit:>8}" for digit in range(10)),
        "Count " + f"{1:>8}" * 10,
        "10 pictures.",
        f"Wrote {tmp_path / 'out.npz'}.",
    ]
    assert "kipped" not in done.output
    found = read_sample(tmp_path / "out.npz")
    assert sorted(found.train.labels.tolist()) == [*range(10)]
    assert found.test is None
    for label, digit in zip(found.train.labels, found.train.seen(), strict=True):
        expected = process_image(draw(int(label)))
        assert expected is not None
        assert np.abs(expected - digit).mean() < 0.01  # some were saved with a loss


def test_what_cannot_be_used_is_told_and_the_rest_is_taken(
    run: Run, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "notes.txt").write_text("no label")
    (pictures / "7.txt").write_text("no image")
    (pictures / "6_cut.png").write_bytes((pictures / "2" / "x.png").read_bytes()[:200])
    (pictures / ".7_hidden").write_text("nobody's business")
    (pictures / "none").mkdir()
    Image.new("L", (28, 28), 255).save(pictures / "none" / "x.png")
    Image.new("L", (28, 28), 255).save(pictures / "3_empty.png")
    Image.fromarray(255 - draw(3)).save(pictures / "3_dark.png")
    (pictures / "8_gone.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(pictures / "9_pipe.png")
    with (pictures / "9_large.png").open("wb") as file:
        file.truncate(10**10)
    done = run()
    assert done.exit_code == 0
    broken = "no image (The image cannot be read: it is no whole PNG, JPEG, WebP, BMP or TIFF)"
    assert [line for line in done.output.splitlines() if "kipped" in line] == [
        "Skipped 3_dark.png: dark ground (invert it)",
        "Skipped 3_empty.png: no ink",
        f"Skipped 6_cut.png: {broken}",
        f"Skipped 7.txt: {broken}",
        "Skipped 9_large.png: no image (The image has more than 6,000,000 bytes)",
        "Skipped none/x.png: no label",
        "Skipped notes.txt: no label",
        "7 skipped: 3 no image, 2 no label, 1 dark ground, 1 no ink",
    ]
    assert len(read_sample(tmp_path / "out.npz").train) == 10


def test_equal_pictures_give_equal_bytes(run: Run, pictures: Path, tmp_path: Path) -> None:
    out, files = tmp_path / "out.npz", sorted(pictures.rglob("*.*"))
    assert run("--test-share=0.3").exit_code == 0
    first = out.read_bytes()
    contents = {path: path.read_bytes() for path in files}
    for path in files:
        path.unlink()
    for path, content in reversed(contents.items()):  # another order in the folder, other times
        path.write_bytes(content)
        os.utime(path, (1, 1))
    assert run("--test-share=0.3").exit_code == 0
    assert out.read_bytes() == first
    found = read_sample(out)
    assert (len(found.train), len(found.test or ())) == (7, 3)
    assert "10 pictures, 3 of them for the test." in run("--test-share=0.3").output


@pytest.mark.parametrize(
    ("files", "words", "wrong"),
    [
        ([], [], "holds no files"),
        (["x.png", "notes"], [], "No picture in .* can be used. Give"),
        (["7.png"], [], "can be used"),
        (["draw 7"], ["--test-share=0.4"], "leaves no train or no test"),
        (["draw 7"], ["--test-share=0.6"], "leaves no train or no test"),
    ],
)
def test_where_nothing_can_be_used_nothing_is_written(
    run: Run, tmp_path: Path, files: list[str], words: list[str], wrong: str
) -> None:
    folder, out = tmp_path / "pictures", tmp_path / "out.npz"
    folder.mkdir()
    out.write_text("what was there")
    for name in files:
        if name.startswith("draw"):
            Image.fromarray(draw(7)).save(folder / "7.png")
        else:
            (folder / name).write_text("no picture")
    done = run(*words)
    assert done.exit_code == 1
    assert re.search(wrong, done.stderr.splitlines()[-1])
    assert out.read_text() == "what was there"
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "out.npz"}


@pytest.mark.parametrize("share", ["0", "1", "-1", "2", "nan", "many"])
@pytest.mark.usefixtures("pictures")
def test_another_share_is_refused(run: Run, share: str) -> None:
    assert run(f"--test-share={share}").exit_code in (1, 2)


def test_the_test_has_its_share_of_each_digit_and_no_digit_twice() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 30).astype(np.uint8)
    digits = rng.integers(0, 256, (300, 28, 28)).astype(np.uint8)
    digits[:60:2] = digits[1:60:2]  # pairs of twins
    chosen = choose_test(digits, labels, 0.2)
    assert chosen.sum() == 60
    assert all(5 <= count <= 7 for count in np.bincount(labels[chosen]))
    assert (chosen[:60:2] == chosen[1:60:2]).all()
    order = rng.permutation(300)
    np.testing.assert_array_equal(choose_test(digits[order], labels[order], 0.2), chosen[order])
    assert not choose_test(digits, labels, 0).any()


def test_a_dark_ground_is_told_from_a_picture_full_of_ink() -> None:
    for digit in range(10):
        paper = draw(digit)
        rows, columns = np.where(paper < 128)
        cropped = paper[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert [has_dark_ground(page) for page in (paper, cropped)] == [False, False]
        assert has_dark_ground(255 - paper)

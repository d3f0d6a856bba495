"""The search for hyperparameters: shared by processes, gone on with, and what it writes."""

import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import optuna
import pytest

from inkling.errors import InvalidInput
from inkling.pretraining import search, search_report
from inkling.pretraining.recipes import recipe_of
from inkling.settings import ROOT, load_settings
from testing.live import wait_until
from testing.postgres import needs_postgres, new_database
from tests.pretraining.material import small_set

optuna.logging.set_verbosity(optuna.logging.WARNING)


def task(folder: Path, url: str | None = None, net: str = "fnn") -> search.Search:
    url = url or f"sqlite:///{folder / 'search.sqlite'}"
    return search.Search(net, small_set(), url, folder / "work", epochs=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def study(folder: Path) -> optuna.Study:
    return search.search(task(folder), trials=4, processes=2)


def ended(study: optuna.Study) -> int:
    return len(study.get_trials(states=search.DONE))


def test_processes_share_the_trials(study: optuna.Study) -> None:
    assert 4 <= ended(study) <= 5  # the two may end their last ones together
    best = search.best_trials(study, 10)
    values = [trial.value or 0 for trial in best]
    assert values == sorted(values, reverse=True)
    assert 0 < values[0] <= 1
    assert len({json.dumps(trial.params) for trial in study.get_trials()}) >= 4


def test_a_search_goes_on_from_what_its_database_has(study: optuna.Study, folder: Path) -> None:
    before = ended(study)
    told: list[tuple[int, int]] = []
    search.search(task(folder), before, 1, progress=lambda done, of, best: told.append((done, of)))
    assert ended(study) == before
    search.search(
        task(folder), before + 1, 1, progress=lambda done, of, best: told.append((done, of))
    )
    assert ended(study) == before + 1
    assert told[0] == (before, before)
    assert told[-1] == (before + 1, before + 1)


def test_the_report_tells_the_best_and_its_recipe_trains(study: optuna.Study, folder: Path) -> None:
    best = search.best_trials(study, 3)
    search_report.write_report("fnn", study.get_trials(), best, folder)
    lines = (folder / "search-fnn.md").read_text().splitlines()
    assert len(lines) == 2 + len(best)
    assert lines[2].startswith(f"| {best[0].value:.2%} |")
    recipe = recipe_of("fnn", folder / "search-fnn.json")
    assert recipe.learning_rate == best[0].params["learning_rate"]
    assert recipe.hidden == best[0].params["hidden"]
    words = " ".join(ET.parse(folder / "search-fnn.svg").getroot().itertext())  # noqa: S314
    for name in ("learning rate", "hidden", "batch size", "l2", "epochs"):
        assert name in words
    assert "$" not in words  # no formula that the page would show as it is written


def test_without_a_complete_trial_the_report_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No trial was completed"):
        search_report.write_report("fnn", [], [], tmp_path)


@pytest.mark.long
def test_the_cnn_is_searched_for_its_dropout(tmp_path: Path) -> None:
    found = search.search(task(tmp_path, net="cnn"), trials=1, processes=1)
    [trial] = found.get_trials(states=search.DONE)
    assert len(trial.user_attrs["recipe"]["dropout"]) == 3
    assert trial.params["dropout_2"] == trial.user_attrs["recipe"]["dropout"][1]


def test_other_material_is_another_search(tmp_path: Path) -> None:
    one = task(tmp_path)
    assert one.name != search.Search("fnn", small_set(), one.url, one.work, epochs=3).name
    assert one.name != task(tmp_path, net="cnn").name


@needs_postgres
def test_machines_share_a_search_through_database_url(tmp_path: Path, postgres_server: str) -> None:
    found = load_settings({"DATABASE_URL": new_database(postgres_server)}).search_url
    assert found.startswith("postgresql+psycopg://")
    here, there = (task(tmp_path / name, found) for name in ("here", "there"))
    search.search(here, trials=1, processes=1)
    both = search.search(there, trials=3, processes=2)
    assert 3 <= ended(both) <= 4
    assert ended(here.study()) == ended(both)


ENDLESS = """
import sys
from pathlib import Path
from inkling.pretraining import search
from inkling.errors import InvalidInput
from tests.pretraining.test_search import task

if __name__ == "__main__":
    search.search(task(Path(sys.argv[1])), trials=10_000, processes=2)
"""


def test_a_killed_search_has_lost_nothing_but_the_trials_under_way(tmp_path: Path) -> None:
    study = task(tmp_path).study()
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        wait_until(lambda: ended(study) >= 2)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    kept = ended(study)
    search.search(task(tmp_path), trials=kept + 1, processes=1)
    assert ended(study) == kept + 1

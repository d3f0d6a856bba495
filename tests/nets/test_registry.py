"""The table of networks: a new kind of network is one entry, and every part of the app has it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from inkling.nets.registry import MODELS, NETWORKS, RETRAINED, voters
from inkling.settings import ROOT

# In a process of its own, since the table is one a process.
PROGRAM = """
import json
from inkling.nets.registry import Network, register
from two_layer_net import TwoLayerNet

register(Network(
    key="twin", title="Twin", description="a second feed-forward net",
    build=lambda weights, graph: TwoLayerNet(weights), build_plain=TwoLayerNet, learns=LEARNS,
))

from functions import to_data_url
from main import create_app
from testing.pen import draw

app = create_app()
client, fields = app.test_client(), {"imageBase64": to_data_url(draw(7)), "digit": "7"}
answer = client.post("/predict", data=fields).get_json()
id = client.post("/collect", data=fields).get_json()["drawing"]
said = app.journal.find(id).said
pages = [client.get(path).get_data(as_text=True) for path in ("/", "/progress")]
scored = client.get("/progress/data").get_json()["accuracy"]
app.close()
print(json.dumps([answer["models"], said, ["Twin" in page for page in pages], scored]))
"""


def with_a_fifth(tmp_path: Path, learns: bool) -> list[Any]:
    """What the app answers, keeps, shows and scores where the table has one entry more."""
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models", models)
    shutil.copy(models / "fnn.npz", models / "twin.npz")
    environ = {
        "MODELS_FOLDER": str(models),
        "INSTANCE_FOLDER": str(tmp_path / "instance"),
        "TMP_FOLDER": str(tmp_path / "tmp"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("LEARNS", str(learns))],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def test_a_fifth_network_answers_is_kept_shown_and_scored(tmp_path: Path) -> None:
    answers, said, shown, scored = with_a_fifth(tmp_path, learns=False)
    assert [*answers] == [*MODELS, "twin"]
    assert answers["twin"] == answers["fnn"]
    assert said == dict.fromkeys([*MODELS, "twin"], 7)
    assert shown == [True, True]
    assert [*scored] == [*MODELS, "twin", "answer"]


def test_one_that_learns_has_a_retrained_model_too(tmp_path: Path) -> None:
    answers, _, _, scored = with_a_fifth(tmp_path, learns=True)
    assert [*answers] == [*MODELS, "twin", "twin_retrained"]
    assert "twin_retrained" in scored


def test_the_table_has_what_is_shipped() -> None:
    assert [*NETWORKS] == [*RETRAINED] == ["fnn", "cnn"]
    assert voters() == ("fnn_retrained", "cnn_retrained")
    assert [(m.title, m.kind) for m in MODELS.values()] == [
        ("FNN", "original"),
        ("FNN", "retrained"),
        ("CNN", "original"),
        ("CNN", "retrained"),
    ]

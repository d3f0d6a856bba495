"""What makes the app one that can be kept on a screen, and what a link to it shows."""

import io
import re

from flask.testing import FlaskClient
from PIL import Image


def test_the_manifest_names_icons_that_are_there(client: FlaskClient) -> None:
    (address,) = re.findall('<link rel="manifest" href="([^"]+)"', client.get("/").text)
    answer = client.get(address)
    assert answer.mimetype == "application/manifest+json"
    for icon in answer.get_json(force=True)["icons"]:
        found = client.get(f"/static/{icon['src']}")
        assert found.mimetype == icon["type"]
        if icon["sizes"] != "any":
            width, height = Image.open(io.BytesIO(found.data)).size
            assert f"{width}x{height}" == icon["sizes"]


def test_a_link_to_a_page_shows_a_picture(client: FlaskClient) -> None:
    (address,) = re.findall('property="og:image" content="([^"]+)"', client.get("/").text)
    assert address == "http://localhost/static/card.png"
    assert Image.open(io.BytesIO(client.get("/static/card.png").data)).size == (1200, 630)

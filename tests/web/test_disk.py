"""A disk that is nearly full: labels are refused in words, and answers still come."""

import shutil

import pytest

from inkling.settings import Settings
from inkling.web.bad_input import BadInput
from inkling.web.disk import check_room
from tests.conftest import AppWith
from tests.web.posting import SEVEN, check_refused, post, rows

ALL = str(10**18)  # bytes, more than any disk has


@pytest.mark.parametrize("path", ["/train", "/collect"])
def test_a_label_is_refused_while_less_than_the_reserve_is_free(
    app_with: AppWith, path: str
) -> None:
    app = app_with(DISK_RESERVE=ALL)
    client = app.test_client()
    check_refused(post(client, path, imageBase64=SEVEN, digit=7), 507)
    assert rows(app.journal) == 0
    assert post(client, "/predict", imageBase64=SEVEN).status_code == 200
    for page in ("/", "/progress", "/readyz"):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("reserve", ["0", "1"])
def test_it_is_taken_where_more_is_free_or_nothing_is_reserved(
    app_with: AppWith, reserve: str
) -> None:
    client = app_with(DISK_RESERVE=reserve).test_client()
    assert post(client, "/train", imageBase64=SEVEN, digit=7).status_code == 200


def test_what_counts_is_the_disk_of_the_instance_folder(settings: Settings) -> None:
    settings.instance_folder.mkdir(parents=True)
    free = shutil.disk_usage(settings.instance_folder).free
    check_room(Settings(instance_folder=settings.instance_folder, disk_reserve=free // 2))


@pytest.mark.parametrize(
    ("database", "bucket", "refused"),
    [("", "", True), ("postgres://h", "", True), ("", "b", True), ("postgres://h", "b", False)],
)
def test_it_is_asked_only_where_something_lies_on_it(
    settings: Settings, database: str, bucket: str, refused: bool
) -> None:
    settings.instance_folder.mkdir(parents=True)
    found = Settings(
        instance_folder=settings.instance_folder,
        disk_reserve=int(ALL),
        database_url=database,
        s3_bucket=bucket,
    )
    if refused:
        with pytest.raises(BadInput, match="nearly full") as raised:
            check_room(found)
        assert raised.value.status == 507
    else:
        check_room(found)

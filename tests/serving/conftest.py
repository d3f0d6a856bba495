"""A recognizer on the journal and the store of one test alone."""

from collections.abc import Iterator

import pytest

from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal, open_journal
from inkling.serving.recognizer import Recognizer
from inkling.settings import Settings
from inkling.storage.folder import FolderStore


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    journal = open_journal(settings)
    yield journal
    journal.close()


@pytest.fixture
def store(settings: Settings) -> FolderStore:
    return FolderStore(settings.objects_folder, settings.tmp_folder)


@pytest.fixture
def recognizer(settings: Settings, journal: Journal, store: FolderStore) -> Recognizer:
    return Recognizer(settings.models_folder, Outbox(journal, store))

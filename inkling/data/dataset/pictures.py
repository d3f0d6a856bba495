"""The drawings as visitors made them: a folder of PNGs that Hugging Face's `datasets` reads.

As https://huggingface.co/docs/datasets/image_dataset has it: `metadata.csv` names each file and its
label.
"""

from pathlib import Path

from inkling.data.dataset.digits import is_for_testing
from inkling.data.dataset.rows import Counts, rows
from inkling.files import whole_file, write_whole
from inkling.journal.database import in_utc
from inkling.journal.reader import JournalReader
from inkling.storage.keys import label_folder

COLUMNS = ("id", "png", "answer")
HEAD = "file_name,label,answer,made\n"


def write(journal: JournalReader, folder: Path) -> Counts:
    """Write `train/7/<id>.png`, `test/…` and `metadata.csv`; other files in the folder stay.

    What was called no digit lies under `none`.
    """
    counts = Counts()
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / "metadata.csv") as table:
        table.write(HEAD.encode())
        for row in rows(journal, COLUMNS, none=True, counts=counts):
            label = label_folder(row.label)
            name = f"{'test' if is_for_testing(row.id) else 'train'}/{label}/{row.id}.png"
            write_whole(folder / name, row.png, lasting=False)  # it can be exported again
            answer = "" if row.answer is None else row.answer
            made = in_utc(row.created_at).isoformat()
            table.write(f"{name},{label},{answer},{made}\n".encode())
            counts.add(row)
    return counts

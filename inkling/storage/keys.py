"""The names of all objects: where in the object store each thing lies."""

from collections.abc import Iterator

DRAWINGS, WEIGHTS, NETWORKS, JOBS = "drawings/", "weights/", "networks/", "jobs/"
NO_DIGIT = "none"  # the folder of drawings that are no digit
ENDS = ("png", "json")  # the picture; the strokes


def label_folder(label: int) -> str:
    """Return the folder that drawings with this label lie in: the digit, or `none` below 0."""
    return NO_DIGIT if label < 0 else str(label)


def drawing_key(label: int, id: str, end: str) -> str:
    """Return where a drawing's picture (`png`) or strokes (`json`) lie.

    >>> drawing_key(7, "ab", "png"), drawing_key(-1, "ab", "json")
    ('drawings/7/ab.png', 'drawings/none/ab.json')
    """
    return f"{DRAWINGS}{label_folder(label)}/{id}.{end}"


def possible_drawing_keys(id: str) -> Iterator[str]:
    """Yield every name that an object of this drawing may have, whatever its label was."""
    for label in range(-1, 10):
        for end in ENDS:
            yield drawing_key(label, id, end)


def weights_key(version: int, part: str, fingerprint: str) -> str:
    """Return where one part (`fnn`, `cnn`, `cnn_optimizer`) of a version lies.

    The name holds the content's hash, so that no two contents share one.
    """
    return f"{WEIGHTS}{version}/{part}-{fingerprint}.npz"


def version_of(name: str) -> int:
    """Return the version in a name that `weights_key` gave; 0 in any other name."""
    number = name.removeprefix(WEIGHTS).partition("/")[0]
    return int(number) if number.isdecimal() else 0


def fits(name: str, fingerprint: str) -> bool:
    """Return whether weights with this fingerprint belong under a name that `weights_key` gave."""
    return f"-{fingerprint}.npz" in name


def network_key(name: str, fingerprint: str, end: str) -> str:
    """Return where a network's weights (`npz`) or serving graph (`tflite`) lie.

    >>> network_key("lenet", "0a1b", "tflite")
    'networks/lenet/0a1b.tflite'
    """
    return f"{NETWORKS}{name}/{fingerprint}.{end}"


def checkpoint_key(job: int, epoch: int, fingerprint: str) -> str:
    """Return where a training's checkpoint after an epoch lies; the fingerprint is the training's.

    >>> checkpoint_key(3, 10, "0a1b")
    'jobs/3/10-0a1b.npz'
    """
    return f"{checkpoints_of(job)}{epoch}-{fingerprint}.npz"


def checkpoints_of(job: int) -> str:
    """Return how the names of a training's checkpoints begin.

    >>> checkpoints_of(3)
    'jobs/3/'
    """
    return f"{JOBS}{job}/"


def epoch_of(name: str) -> int:
    """Return the epoch after which a checkpoint under this name was stored.

    >>> epoch_of("jobs/3/10-0a1b.npz")
    10
    """
    return int(name.rsplit("/", 1)[1].partition("-")[0])

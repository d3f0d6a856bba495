"""The networks for programs, described."""

from dataclasses import replace
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from inkling.web.openapi.drawing import DigitText, Share
from inkling.web.openapi.operation import (
    JOURNAL_AWAY,
    PICTURE,
    REFUSED,
    Area,
    Operation,
    Parameter,
)

NO_JSON = {406: "Accept leaves JSON out."}
NO_NETWORK = {404: "No network has this name; those that there are are told."}
OTHERWISE = REFUSED | NO_JSON | JOURNAL_AWAY
NET = Parameter("A network’s address, as /list_nn tells it.", "lenet")
SAMPLE = Parameter("The digits to train on. Left out: mnist.", "mnist", Literal["mnist", "other"])
TRAIN = (
    "Its former weights answer meanwhile. Also taken as a field of a form or of JSON: "
    "training_sample."
)
TRAINING = (
    OTHERWISE
    | NO_NETWORK
    | {
        400: "That is no training sample.",
        403: "A page of another site sent it, or led to it.",
        405: "It is not trained so: it is one of the page’s four, was trained elsewhere, or "
        "learned from drawings.",
        409: "It trains already, or there is no such sample here.",
        503: "No process here can train, or the journal does not answer.",
    }
)

Number = Annotated[int, Meta(ge=0)]


class Rows(Struct):
    """A line for each network: its name for people, then `url:/` and its address."""

    text: list[str]


class Text(Struct):
    """Some sentences."""

    text: str


class Status(Struct, omit_defaults=True):
    """How good a network is, and how a training is going where one is, or failed."""

    accuracy: Annotated[str | None, Meta(description="In percent; null: not known.")]
    datetime: Annotated[
        str | None, Meta(description="Of its last training, or measurement, in UTC; or null.")
    ]
    state: Literal["queued", "training", "failed"] | UnsetType = UNSET
    epoch: Number | UnsetType = UNSET
    epochs: Annotated[Number | UnsetType, Meta(description="As many are to be.")] = UNSET
    loss: float | UnsetType = UNSET
    seconds_left: float | UnsetType = UNSET
    error: Annotated[str | UnsetType, Meta(description="Why the training failed.")] = UNSET


class Asked(Struct):
    """A picture to be read."""

    image: Annotated[
        str,
        Meta(
            description="JPEG, PNG, BMP, TIFF or WebP of 28×28 or more, in base64 alone.",
            extra_json_schema={"format": "picture"},
        ),
    ]


class Seen(Struct):
    """The likeliest digit to a network, and how probable it holds each of ten to be."""

    number: DigitText
    probabilities: Annotated[list[Share], Meta(min_length=10, max_length=10)]
    is_digit: Annotated[bool, Meta(description="Whether the picture looks like a digit at all.")]


AREA = Area(
    "Networks",
    "For programs: each network by its address. The page’s four are among them.",
    {
        "networks.list_nn": Operation(
            Rows(["LeNet url:/lenet", "CNN, retrained url:/cnn_retrained"]),
            password="networks",  # noqa: S106  # the scheme's name
            otherwise=OTHERWISE,
        ),
        "networks.about": Operation(
            Text("LeNet. Two rounds of 5×5 convolution …"),
            parameters={"net": NET},
            password="networks",  # noqa: S106
            otherwise=OTHERWISE | NO_NETWORK,
        ),
        "networks.classify": Operation(
            Seen("7", [0.0, 0.0, 0.001, 0.0, 0.0, 0.0, 0.0, 0.998, 0.0, 0.001], is_digit=True),
            takes=Asked(PICTURE),
            parameters={"net": NET},
            password="networks",  # noqa: S106
            otherwise=OTHERWISE
            | NO_NETWORK
            | {
                409: "It is not trained yet.",
                415: "The body is not said to be JSON.",
                422: "Nothing is drawn.",
            },
        ),
        "networks.train": Operation(
            Text("LeNet will be trained on MNIST, in the background …"),
            TRAIN,
            parameters={"net": NET, "training_sample": SAMPLE},
            password="networks",  # noqa: S106
            otherwise=TRAINING,
        ),
        "networks.train_by_get": Operation(
            Text("BN-CNN will be trained on MNIST, in the background …"),
            "The same, for clients that only GET. No page of another site may link to it.",
            parameters={"net": replace(NET, example="bn-cnn"), "training_sample": SAMPLE},
            password="networks",  # noqa: S106
            otherwise=TRAINING,
        ),
        "networks.status": Operation(
            Status(
                "99.58",
                "2018-11-21 17:39:08",
                state="training",
                epoch=3,
                epochs=10,
                loss=0.041,
                seconds_left=95.5,
            ),
            parameters={"net": NET},
            password="networks",  # noqa: S106
            otherwise=OTHERWISE | NO_NETWORK,
        ),
    },
)

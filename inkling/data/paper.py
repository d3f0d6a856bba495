"""Drawings as a camera sees them on paper: uneven light, grain, soft edges, JPEG."""

import io
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from functions import SIDE, FloatArray, Grey, process_image
from inkling.data.rendering import random_rendering, render_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.parallel import in_chunks

PAPER, INK = (185.0, 245.0), (25.0, 110.0)  # grey levels
SHADE = 0.2  # of its light that the darkest corner lacks, at most
GRAIN = (0.5, 3.5)  # standard deviation of the paper's grey levels
BLUR = (0.4, 1.6)  # pixels
QUALITY = (60, 95)  # of the JPEG
CHUNK = 128  # drawings handed to a process at once

# From a drawing: what the nets see, (28, 28) in [0, 1], of a photograph of it; None of nothing.
Camera = Callable[[StrokeDrawing, np.random.Generator], FloatArray | None]


def on_paper(drawing: Grey, rng: np.random.Generator) -> Grey:
    """Return a photograph, (height, width) uint8, of a drawing of ink 0 on paper 255."""
    height, width = drawing.shape
    ink = 1 - drawing.astype(np.float32) / 255
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    across = np.cos(angle) * x / width + np.sin(angle) * y / height
    light = 1 - rng.uniform(0, SHADE) * (across - across.min()) / np.ptp(across)
    paper = rng.uniform(*PAPER) * light + rng.normal(0, rng.uniform(*GRAIN), drawing.shape)
    seen = (1 - ink) * paper + ink * rng.uniform(*INK) * light
    jpeg = as_jpeg(seen, float(rng.uniform(*BLUR)), rng)
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"))


def as_jpeg(levels: NDArray[np.floating], blur: float, rng: np.random.Generator) -> bytes:
    """Return a JPEG of grey levels (height, width), blurred by so many pixels first."""
    image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(blur))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(*QUALITY)))
    return file.getvalue()


def digits_on_paper(drawings: Sequence[StrokeDrawing], seed: int) -> FloatArray:
    """Return what the nets see of photographed drawings, float32 (n, 28, 28); 0 where nothing.

    Pens, sizes, places and tilts are at random within what must be read; the seed and a drawing's
    index alone decide.
    """
    return seen_by(_on_paper, drawings, seed)


def _on_paper(drawing: StrokeDrawing, rng: np.random.Generator) -> FloatArray | None:
    rendering = random_rendering(rng)
    return process_image(on_paper(render_strokes(drawing.strokes, **rendering._asdict()), rng))


def seen_by(camera: Camera, drawings: Sequence[StrokeDrawing], seed: int) -> FloatArray:
    """Return what the nets see of drawings by a camera, float32 (n, 28, 28); 0 where nothing.

    The seed and a drawing's index alone decide what becomes of it.
    """
    parts = in_chunks(partial(_digits_of_chunk, camera=camera, seed=seed), drawings, CHUNK)
    return np.concatenate([np.empty((0, SIDE, SIDE), np.float32), *parts])


def _digits_of_chunk(
    drawings: Sequence[StrokeDrawing], start: int, camera: Camera, seed: int
) -> FloatArray:
    digits = np.zeros((len(drawings), SIDE, SIDE), np.float32)
    for number, drawing in enumerate(drawings):
        found = camera(drawing, np.random.default_rng([start + number, seed]))
        if found is not None:
            digits[number] = found
    return digits

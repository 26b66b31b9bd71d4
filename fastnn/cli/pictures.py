"""Pictures of a digit, prepared as those of MNIST were; the only module that uses Pillow.

MNIST's digits are light ink on black: scaled to fit 20 x 20 pixels, antialiased, and placed
by their centre of mass in 28 x 28.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

from fastnn.cli.errors import CommandError

try:
    from PIL import Image, ImageOps
except ImportError:
    raise CommandError("reading pictures needs Pillow: pip install 'fastnn[image]'") from None

__all__ = ["prepare", "read"]

_SIDE, _BOX, _CENTRE = 28, 20, 14

# Of the range from background to full ink: what is less is no picture of a digit at all,
_FAINT = 0.1
# and what is darker than this belongs to the digit's box; paper and noise stay below.
_INK = 0.3


def read(name: str) -> NDArray:
    """The digit in an image file, (28, 28) uint8, light on black."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(name) as image:
                grey = _grey(ImageOps.exif_transpose(image))
    except (Image.UnidentifiedImageError, SyntaxError):
        raise CommandError(f"{name}: expected a picture, a .npy or an IDX file") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise CommandError(f"{name}: expected a picture of one digit, got a huge one") from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise
        raise CommandError(f"{name}: expected a whole picture: {error}") from None
    try:
        return prepare(grey)
    except ValueError as error:
        raise CommandError(f"{name}: {error}") from None


def prepare(grey: NDArray) -> NDArray:
    """A picture (height, width) uint8 of one digit as MNIST would have it, (28, 28) uint8.

    The border tells the background: if it is light, the picture is inverted. 28 x 28 pixels
    on a dark border are MNIST's already and stay as they are. Raises ValueError if all is
    background.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    background = float(np.median(border))
    if grey.shape == (_SIDE, _SIDE) and background < 128:
        return grey
    ink = grey - background if background < 128 else background - grey
    full = ink.max()
    if full < _FAINT * 255:
        raise ValueError("expected a digit that stands out from the background, found none")
    ink = np.clip(ink / full, 0, 1)
    return _centred(_fitted(_cropped(ink)))


def _grey(image: Image.Image) -> NDArray:
    """(height, width) uint8; what is transparent shows the opposite of what isn't."""
    if image.mode.startswith("I"):  # 16 bits
        return (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
    if "A" not in image.getbands() and "transparency" not in image.info:
        return np.asarray(image.convert("L"))
    grey, alpha = (np.asarray(band) for band in image.convert("RGBA").convert("LA").split())
    opaque = alpha / 255
    mean = (grey * opaque).sum() / max(opaque.sum(), 1)
    behind = 255 if mean < 128 else 0
    return np.rint(grey * opaque + behind * (1 - opaque)).astype(np.uint8)


def _cropped(ink: NDArray) -> NDArray:
    """The smallest box that holds all the ink."""
    rows = np.flatnonzero((ink > _INK).any(axis=1))
    columns = np.flatnonzero((ink > _INK).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fitted(ink: NDArray) -> NDArray:
    """Scaled, with its longer side to 20 pixels; thin strokes get back their full ink."""
    height, width = ink.shape
    scale = _BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(ink.astype(np.float32))
    small = np.asarray(image.resize(size, Image.Resampling.BILINEAR)).clip(0)
    return np.rint(small * (255 / small.max())).astype(np.uint8)


def _centred(small: NDArray) -> NDArray:
    """In the middle of 28 x 28 pixels, by its centre of mass."""
    picture = np.zeros((_SIDE, _SIDE), np.uint8)
    place = []
    for axis, size in enumerate(small.shape):
        mass = small.sum(axis=1 - axis, dtype=np.float64)
        centre = mass @ np.arange(size) / mass.sum()
        place.append(min(max(round(_CENTRE - centre), 0), _SIDE - size))
    top, left = place
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture

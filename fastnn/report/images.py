"""Numbers as pictures inside the page: PNG files as data, legible on light and on dark paper."""

import base64

import numpy as np
from numpy.typing import NDArray

from fastnn.plots.png import png
from fastnn.report.html import Html, element

__all__ = ["ink", "share", "signed"]

# Neither too light for white paper nor too dark for black.
_FOR, _AGAINST = (52, 120, 214), (222, 104, 32)


def signed(values: NDArray, most: float, alt: str) -> Html:
    """Numbers (height, width): blue above 0, orange below, and 0 is transparent.

    most  what full colour stands for
    """
    picture = np.empty((*values.shape, 4), np.uint8)
    picture[..., :3] = np.where((values > 0)[..., None], _FOR, _AGAINST)
    picture[..., 3] = _bytes(np.abs(values) / most)
    return _image(picture, alt, "signed")


def ink(values: NDArray, low: float, high: float, alt: str) -> Html:
    """A picture in ink, which is black on light paper and white on dark: `low` is none at all."""
    picture = np.zeros((*values.shape, 2), np.uint8)
    picture[..., 1] = _bytes((values.astype(np.float64) - low) / (high - low))
    return _image(picture, alt, "ink")


def share(values: NDArray, alt: str) -> Html:
    """Shares in [0, 1] as blue."""
    return signed(np.sqrt(values), 1.0, alt)  # or small ones could not be seen


def _bytes(shares: NDArray) -> NDArray:
    return np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)


def _image(picture: NDArray, alt: str, class_: str) -> Html:
    width = picture.shape[1]
    source = f"data:image/png;base64,{base64.b64encode(png(picture)).decode()}"
    style = f"--columns: {width}"
    return element("img", src=source, alt=alt, class_=class_, style=style)

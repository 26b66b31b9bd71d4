"""What a page shows of a network: `python tests/screenshots.py` trains it, and looks at it anew.

Needs Matplotlib, Pillow and Chromium.
"""

import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent / "helpers"))
from browser import Browser

import fastnn
from fastnn.cli import main
from fastnn.datasets import load_mnist

IMAGES = Path(__file__).parents[1] / "fastnn" / "docs" / "images"
BOOK = (
    "--hidden 30 --activation sigmoid --cost cross_entropy --optimizer sgd --schedule constant "
    "--learning-rate 0.25 --l2 2 --batch-size 10 --epochs 15"
)
TALL = 1400  # pixels of a screenshot, or who reads the page scrolls for long


def keep(picture, name):
    """Write a picture as a small PNG: its most frequent colours exactly, others nearly."""
    picture = picture.convert("RGB")
    counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)
    frequent = [channel for _, colour in counted[:128] for channel in colour]
    others = picture.quantize(128, Image.Quantize.MAXCOVERAGE).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette((frequent + others)[: 3 * 256])
    few = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)


def look_at_the_report(folder):
    with Browser(shutil.which("chromium")) as browser, browser.page() as page:
        page.open(folder / "report.html")
        for name, dark in (("report-light", False), ("report-dark", True)):
            seen = Image.open(io.BytesIO(page.screenshot(1000, dark)))
            keep(seen.crop((0, 0, seen.width, TALL)), name)
        page.resize(360, 740, scale=1.25, touch=True)
        seen = Image.open(io.BytesIO(page.screenshot(dark=False)))
        parts = [seen.crop((0, top, seen.width, top + TALL)) for top in (0, TALL, 2 * TALL)]
        beside = Image.new("RGB", (3 * seen.width + 40, TALL), "white")
        for i, part in enumerate(parts):
            beside.paste(part, (i * (seen.width + 20), 0))
        keep(beside, "report-phone")


def tell(net):
    """Put what `print` shows in its place on the page."""
    page = IMAGES.parent / "pictures.md"
    lines = "\n".join(f"    {line}".rstrip() for line in str(net).splitlines())
    part = re.compile("(?<=<!-- summary:begin -->\n\n).*?(?=\n\n<!-- summary:end -->)", re.DOTALL)
    page.write_text(part.sub(lambda _: lines, page.read_text("utf-8")), "utf-8")


def draw(net):
    x_test, y_test = load_mnist()[2:]
    figures = {
        "history": net.history.plot(),
        "weights": net.plot_weights(),
        "mistakes": net.plot_mistakes(x_test, y_test, most=12),
        "confusion": net.plot_confusion(x_test, y_test),
        "calibration": net.plot_calibration(x_test, y_test),
    }
    for name, figure in figures.items():
        keep(Image.open(io.BytesIO(figure._repr_png_())), name)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = ["--save", str(folder / "net.npz"), "--report", str(folder / "report.html")]
        if code := main(["train", "mnist", *BOOK.split(), *files]):
            sys.exit(code)
        look_at_the_report(folder)
        net = fastnn.load(folder / "net.npz")
        tell(net)
        draw(net)

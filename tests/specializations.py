"""What libraries are to be built with: run as a program, it writes fastnn's list anew.

    python tests/specializations.py

Which specializations there are, and which are usual, the configurations say that tests share.
"""

import os
import sys
from pathlib import Path

import fastnn

FILE = Path(fastnn.__file__).parent / "native" / "specializations.txt"
HELPERS = str(Path(__file__).parent / "helpers")

HEAD = """\
# The functions that libraries are built with, a key a line: `usual` is what `pip install` in a
# checkout builds, `full` what wheels have beyond that. `python tests/specializations.py` writes it.
"""


def reached(*, usual: bool = False) -> set[str]:
    """The keys that the configurations reach, or the usual ones, in this process so far."""
    from configurations import run_all

    from fastnn.native import calling

    for _ in run_all(usual=usual):
        pass
    return set(calling.reached)


def text(usual: set[str], every: set[str]) -> str:
    """The file for these keys."""
    parts = {"usual": sorted(usual), "full": sorted(every - usual)}
    return HEAD + "".join(f"\n[{name}]\n" + "\n".join(keys) + "\n" for name, keys in parts.items())


if __name__ == "__main__":
    os.environ["FASTNN_KERNELS"] = "interpreted"  # whatever is prebuilt
    sys.path.insert(0, HELPERS)
    from fastnn.native.specializations import FILE

    usual = reached(usual=True)
    FILE.write_text(text(usual, reached()), encoding="utf-8")

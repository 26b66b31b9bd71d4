"""Whether prebuilt kernels and those that are compiled here give the same bits, everywhere.

    python tests/prebuilt_bits.py                # two processes, all configurations in each
    python tests/prebuilt_bits.py --usual        # only those that README and pages need

Each process runs the configurations of tests/helpers/configurations.py with FASTNN_KERNELS set. One
that is to use prebuilt kernels must not import Numba: a configuration that makes it do so calls a
specialization that no library has, and is named. Exit code 1 if anything is not as it should be.
"""

import argparse
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

MODES = ("prebuilt", "compiled")


def digests(usual: bool) -> dict[str, tuple[str, bool]]:
    """Name -> digest, and whether Numba is imported when the configuration has run."""
    sys.path.append(str(Path(__file__).parent / "helpers"))
    from configurations import ALL

    return {
        name: (one.digest(), "numba" in sys.modules)
        for name, one in ALL.items()
        if one.usual or not usual
    }


def of_process(mode: str, usual: bool) -> dict[str, tuple[str, bool]]:
    """The same in a process of its own, in this mode."""
    words = [sys.executable, __file__, "--digests", *(["--usual"] if usual else [])]
    environment = {**os.environ, "FASTNN_KERNELS": mode}
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def complaints(found: dict[str, dict[str, tuple[str, bool]]]) -> list[str]:
    """What is not as it should be: mode -> name -> digest, and whether Numba was imported."""
    prebuilt, compiled = (found[mode] for mode in MODES)
    others = [
        name
        for name in {**prebuilt, **compiled}
        if prebuilt.get(name, [None])[0] != compiled.get(name, [None])[0]
    ]
    lines = [f"{name}: other bits" for name in others]
    importing = next((name for name, (_, numba) in prebuilt.items() if numba), None)
    if importing is not None:
        lines.append(f"{importing}: the first to import Numba although kernels are prebuilt")
    if not any(numba for _, numba in compiled.values()):
        lines.append("compiled: expected Numba to be imported, it was not: both are one")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--usual", action="store_true", help="the usual configurations only")
    parser.add_argument("--digests", action="store_true", help="print this process's, as JSON")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.digests:
        print(json.dumps(digests(given.usual)))
        return 0
    found = {mode: of_process(mode, given.usual) for mode in MODES}
    wrong = complaints(found)
    print(f"{len(found['compiled'])} configurations, {len(wrong)} complaints", *wrong, sep="\n  ")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

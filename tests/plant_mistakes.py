"""Plant small mistakes in a copy of fastnn, one at a time, and see that the tests catch each.

    python tests/plant_mistakes.py            # all of `mistakes.MISTAKES`: an hour or more
    python tests/plant_mistakes.py norms      # those in files whose path has "norms" in it

Run by hand, in an environment with the extra `test`; NUMBA_DISABLE_JIT=1 spares the compiler for
mistakes in kernels. A suite that catches a mistake today may
not tomorrow: tests get faster, paths get chosen otherwise. Prints a line a mistake and exits
with 1 if one survived.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mistakes import MISTAKES, Mistake

ROOT = Path(__file__).parent.parent


def copied(folder: Path) -> Path:
    """The package, and apart from it what tests it, so that nothing is planted in the checkout."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "fastnn", folder / "package" / "fastnn", ignore=ignore)
    for name in ("tests", "bench", ".github", "fastnn/docs"):
        shutil.copytree(ROOT / name, folder / "checkout" / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy2(ROOT / name, folder / "checkout")
    return folder


def passes(tests: str, copy: Path) -> bool:
    """Whether a file of tests passes; CalledProcessError if pytest could not run it."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy / "package"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = subprocess.run(
        [*command, tests], cwd=copy / "checkout", env=environment, capture_output=True
    )
    if run.returncode not in (0, 1):  # 1: a test failed; others: no tests, or none that started
        raise subprocess.CalledProcessError(run.returncode, run.args, run.stdout, run.stderr)
    return run.returncode == 0


def is_caught(mistake: Mistake, copy: Path) -> bool:
    """Whether a test fails with it."""
    path = copy / ("package" if mistake.file.startswith("fastnn/") else "checkout") / mistake.file
    right = path.read_text()
    assert right.count(mistake.old) == 1, f"{mistake.file}: {mistake.old!r} is not there once"
    path.write_text(right.replace(mistake.old, mistake.new))
    try:
        return not passes(mistake.tests, copy)
    finally:
        path.write_text(right)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", help="plant in files with this in their path only")
    wanted = parser.parse_args().files
    survivors, sound = 0, set[str]()
    with tempfile.TemporaryDirectory(prefix="fastnn-mistakes-") as folder:
        copy = copied(Path(folder))
        for mistake in MISTAKES:
            if wanted and not any(part in mistake.file for part in wanted):
                continue
            if mistake.tests not in sound:
                assert passes(mistake.tests, copy), f"{mistake.tests} fails without a mistake"
                sound.add(mistake.tests)
            caught = is_caught(mistake, copy)
            survivors += not caught
            print(f"{'caught  ' if caught else 'SURVIVES'} {mistake.file}: {mistake}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

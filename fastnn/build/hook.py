"""What hatchling runs when it makes a wheel, as `pip install .` has it do.

A wheel gets libraries of machine code. Whatever goes wrong, it is a wheel without, whose kernels
are compiled at first use: nobody's install fails for want of a compiler.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ROOT = Path(__file__).parents[2]
_LIBRARIES = "fastnn/native/libraries"
_DIGITS = "fastnn/datasets/mnist"


class KernelsHook(BuildHookInterface):
    """Builds the libraries, and puts them into the wheel; and digits that are unpacked.

    An editable install finds both among the sources.
    """

    _temporary: str | None = None

    def dependencies(self) -> list[str]:
        """What the build needs beyond hatchling."""
        wheel = _wheel()
        return wheel.requirements(wheel.wish(os.environ))

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is made."""
        wheel = _wheel()
        wanted = wheel.wish(os.environ)
        into_sources = version == "editable"
        self._temporary = tempfile.mkdtemp(prefix="fastnn-wheel-")
        libraries, digits = (
            _ROOT / place if into_sources else Path(self._temporary, place)
            for place in (_LIBRARIES, _DIGITS)
        )
        if wanted is None:
            self.app.display_info("fastnn: no machine code, kernels are compiled at first use")
        elif self._compile(wanted, libraries) and not into_sources:
            build_data["pure_python"] = False
            build_data["tag"] = wheel.tag(wanted)
            _add(build_data, libraries.iterdir(), _LIBRARIES)
        unpacked = self._unpack(digits)
        if not into_sources:
            packed = (_ROOT / _DIGITS).glob("*.gz")
            _add(build_data, digits.iterdir() if unpacked else packed, _DIGITS)

    def _compile(self, wanted: Any, folder: Path) -> bool:
        self.app.display_info(f"fastnn: compiling kernels for {wanted.system.name}, on all cores")
        try:
            trouble = _wheel().build_libraries(wanted, self.metadata.version, folder)
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
        if trouble is not None:
            self.app.display_warning(
                f"fastnn: no machine code was built ({trouble}); "
                "kernels will be compiled at first use"
            )
        return trouble is None

    def _unpack(self, folder: Path) -> bool:
        """Whether it was done; it takes NumPy, which a build without machine code has not."""
        try:
            from fastnn.datasets import _mnist

            folder.mkdir(parents=True, exist_ok=True)
            _mnist.unpack(folder)
        except (ImportError, OSError, ValueError) as error:
            self.app.display_info(f"fastnn: the digits stay packed ({error})")
            return False
        return True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """When the wheel is made."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def _add(build_data: dict[str, Any], files: Iterable[Path], place: str) -> None:
    """Have the wheel take these files into one of its folders."""
    for file in sorted(files):
        build_data["force_include"][str(file)] = f"{place}/{file.name}"


def _wheel() -> Any:
    """The module that decides; fastnn is not installed where a wheel of it is made."""
    if str(_ROOT) not in sys.path:
        sys.path.insert(0, str(_ROOT))
    from fastnn.build import wheel

    return wheel

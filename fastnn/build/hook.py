"""What hatchling runs when it makes a wheel, as `pip install .` has it do.

A wheel gets libraries of machine code. Whatever goes wrong, it is a wheel without, whose kernels
are compiled at first use: nobody's install fails for want of a compiler.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ROOT = Path(__file__).parents[2]
_LIBRARIES = "fastnn/native/libraries"


class KernelsHook(BuildHookInterface):
    """Builds the libraries, and puts them into the wheel."""

    _temporary: str | None = None

    def dependencies(self) -> list[str]:
        """What the build needs beyond hatchling."""
        wheel = _wheel()
        return wheel.requirements(wheel.wish(os.environ))

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is made; an editable one finds the libraries among the sources."""
        wheel = _wheel()
        wanted = wheel.wish(os.environ)
        if wanted is None:
            self.app.display_info("fastnn: no machine code, kernels are compiled at first use")
            return
        editable = version == "editable"
        if not editable:
            self._temporary = tempfile.mkdtemp(prefix="fastnn-wheel-")
        folder = _ROOT / _LIBRARIES if editable else Path(str(self._temporary))
        self.app.display_info(f"fastnn: compiling kernels for {wanted.system.name}, on all cores")
        try:
            trouble = wheel.build_libraries(wanted, self.metadata.version, folder)
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
        if trouble is not None:
            self.app.display_warning(
                f"fastnn: no machine code was built ({trouble}); "
                "kernels will be compiled at first use"
            )
        elif not editable:
            build_data["pure_python"] = False
            build_data["tag"] = wheel.tag(wanted)
            for file in sorted(folder.iterdir()):
                build_data["force_include"][str(file)] = f"{_LIBRARIES}/{file.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """When the wheel is made."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def _wheel() -> Any:
    """The module that decides; fastnn is not installed where a wheel of it is made."""
    if str(_ROOT) not in sys.path:
        sys.path.insert(0, str(_ROOT))
    from fastnn.build import wheel

    return wheel

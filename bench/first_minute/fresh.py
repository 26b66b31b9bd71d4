"""A fresh environment: fastnn installed in it, nothing cached, no compiler in PATH."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Done", "Fresh", "NotMeasuredError", "copy_of"]

_WINDOWS = sys.platform == "win32"
# Variables that a process needs of its surroundings; with any others it would not be fresh.
_KEPT = ("LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")
_OF_INSTALLS = ("PIP_", "SSL_", "REQUESTS_", "HTTP", "http", "NO_PROXY", "no_proxy", "UV_")
_NOT_COPIED = shutil.ignore_patterns(
    ".git", "__pycache__", "*.egg-info", "build", "dist", ".*_cache"
)
_LONGEST = 1800  # seconds


class NotMeasuredError(Exception):
    """Why there is no figure."""


class Done(NamedTuple):
    """A process that has ended well: what it printed, when it began, its seconds."""

    out: str
    began: float
    seconds: float


class Fresh:
    """A virtual environment in a folder, and processes in it that find nothing cached.

    python     its interpreter
    installed  seconds that `pip install` took
    variables  of all processes, such as FASTNN_KERNELS
    """

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None):
        self.folder, self.variables = folder, dict(variables or {})
        self._bin = folder / "venv" / ("Scripts" if _WINDOWS else "bin")
        self.python = self._bin / ("python.exe" if _WINDOWS else "python")
        self.installed = 0.0
        venv.create(folder / "venv", with_pip=True, symlinks=not _WINDOWS)

    def install(self, *what: str) -> None:
        """`pip install` something; raises NotMeasuredError."""
        command = [str(self.python), "-m", "pip", "install", "--quiet", *what]
        self.installed = self.run(command, self.new_home(), installing=True).seconds

    def new_home(self) -> Path:
        """An empty folder for HOME, and so an empty cache of kernels."""
        return Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))

    def script(self, name: str) -> str:
        """The command of this name."""
        return str(self._bin / (name + ".exe" * _WINDOWS))

    def environment(self, home: Path, *, installing: bool = False) -> dict[str, str]:
        """A process's variables; only one that installs sees the rest of PATH, and how to."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        path = [str(self._bin)]
        if installing:
            path.append(os.environ.get("PATH", ""))
            kept |= {k: v for k, v in os.environ.items() if k.startswith(_OF_INSTALLS)}
        homes = {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home)}
        return {**kept, **homes, "PATH": os.pathsep.join(path), **self.variables}

    def run(
        self,
        command: Sequence[str] | str,
        home: Path,
        *,
        installing: bool = False,
        folder: Path | None = None,
        **variables: str,
    ) -> Done:
        """Run words, or a line of a shell, to the end; raises NotMeasuredError if it fails."""
        environment = {**self.environment(home, installing=installing), **variables}
        began, start = time.time(), time.perf_counter()
        try:
            done = subprocess.run(
                command,
                shell=isinstance(command, str),
                cwd=folder or home,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_LONGEST,
            )
        except subprocess.TimeoutExpired:
            raise NotMeasuredError(f"not done in {_LONGEST} s") from None
        except OSError as error:
            raise NotMeasuredError(f"{error.filename}: {error.strerror}") from None
        seconds = time.perf_counter() - start
        if done.returncode:
            lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise NotMeasuredError(lines[-1] if lines else f"ended with {done.returncode}")
        return Done(done.stdout, began, seconds)

    def program(self, text: str, home: Path | None = None, *arguments: str) -> Done:
        """The same of a Python program, with nothing cached unless it is given a HOME."""
        return self.run([str(self.python), "-c", text, *arguments], home or self.new_home())


def copy_of(checkout: Path, folder: Path) -> Path:
    """The files of a checkout that Git knows or would add, as a clone has them, changed or not."""
    target = folder / "checkout"
    try:
        words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(words, cwd=checkout, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return Path(shutil.copytree(checkout, target, ignore=_NOT_COPIED))
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (checkout / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, target / name)
    return target

"""The systems that libraries are built for."""

import sys
from typing import NamedTuple

from fastnn.machine.cpu import processor

__all__ = ["SYSTEMS", "System", "this_system"]


class System(NamedTuple):
    """A processor and an operating system.

    name       "linux-x86_64"
    triple     LLVM's name of it
    linker     zig's name of it, with the oldest version of the system that will do
    suffix     of shared libraries
    levels     of the CPU, the lowest first
    wheel_tag  what a wheel for it is called; its version is that of `linker`
    """

    name: str
    triple: str
    linker: str
    suffix: str
    levels: tuple[str, ...]
    wheel_tag: str


_X86 = ("x86-64-v2", "x86-64-v3", "x86-64-v4")
_ARM = ("arm64",)

SYSTEMS = {
    system.name: system
    for system in (
        System(
            "linux-x86_64", "x86_64-unknown-linux-gnu", "x86_64-linux-gnu.2.17",
            ".so", _X86, "manylinux_2_17_x86_64",
        ),
        System(
            "linux-arm64", "aarch64-unknown-linux-gnu", "aarch64-linux-gnu.2.17",
            ".so", _ARM, "manylinux_2_17_aarch64",
        ),
        System(
            "macos-arm64", "arm64-apple-macosx11.0.0", "aarch64-macos.11.0",
            ".dylib", _ARM, "macosx_11_0_arm64",
        ),
        System(
            "windows-x86_64", "x86_64-w64-windows-gnu", "x86_64-windows-gnu",
            ".dll", _X86, "win_amd64",
        ),
    )
}  # fmt: skip

_OPERATING_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


def this_system() -> System | None:
    """The system that this Python runs on; None: there are no libraries for it."""
    return SYSTEMS.get(f"{_OPERATING_SYSTEMS.get(sys.platform, '')}-{processor()}")

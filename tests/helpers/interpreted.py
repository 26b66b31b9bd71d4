"""Whether kernels run as plain Python in this process, where nothing of them is compiled."""

from fastnn.machine.choice import CHOICE, INTERPRETED

__all__ = ["KERNELS_ARE_INTERPRETED"]

KERNELS_ARE_INTERPRETED = CHOICE.mode == INTERPRETED

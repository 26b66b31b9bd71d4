"""What Python and kernels share: the arguments of kernels, and where things lie in memory.

layers    a network's layers, and the plan of its memory
unpacked  a network whose parameters stay where they are
team      threads that run one kernel
codes     activations, costs and optimizers by number
figures   tables that kernels fill in
"""

from fastnn.layout.layers import Layers, Plan
from fastnn.layout.team import Member
from fastnn.layout.unpacked import Unpacked

__all__ = ["Layers", "Member", "Plan", "Unpacked"]

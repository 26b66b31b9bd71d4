"""A network is trained by one `fit` at a time, and others don't write down what it is halfway."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from fastnn.engine import Engine

if TYPE_CHECKING:
    from fastnn.architecture import Architecture

__all__ = ["check_whole", "one_at_a_time"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Net = TypeVar("Net", bound="Architecture")

_lock = threading.Lock()


class Mark:
    """One call's training of a network.

    The engine has it, which is in no file, pickle or copy of the network.

    thread  which one it is called in
    ended   True from its end on, however that comes
    """

    def __init__(self) -> None:
        self.thread, self.ended = threading.get_ident(), False


def one_at_a_time(
    train: Callable[Concatenate[Net, Arguments], Result],
) -> Callable[Concatenate[Net, Arguments], Result]:
    """Make a method that trains raise RuntimeError, before all else, while the network is trained.

    Be it by another thread, or by the call whose callback calls this.
    """

    @wraps(train)
    def wrapper(net: Net, /, *arguments: Arguments.args, **keywords: Arguments.kwargs) -> Result:
        mark = Mark()
        try:
            with _lock:
                present = net._engine.trained_by
                if present is not None and not present.ended:
                    where = "" if present.thread == mark.thread else ", in another thread"
                    raise RuntimeError(
                        f"{train.__name__}: expected a network that is not being trained, got one "
                        f"whose training is going on{where}; train a copy, made before it began, "
                        "or call this when it has ended"
                    )
                net._engine.trained_by = mark
            return train(net, *arguments, **keywords)
        finally:
            mark.ended = True  # a single step: no interrupt can leave it out

    return wrapper


def check_whole(engine: Engine, what: str) -> None:
    """RuntimeError, which begins with `what`, if another thread is training the engine's network.

    Its parameters, memory and history belong to different moments then. Callbacks of the training
    are called when it is whole, in its own thread.
    """
    mark = engine.trained_by
    if mark is not None and not mark.ended and mark.thread != threading.get_ident():
        raise RuntimeError(
            f"{what}: expected a network that no other thread is training, got one whose training "
            "is going on; a callback of that fit can do this after each epoch"
        )

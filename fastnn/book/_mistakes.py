"""A word of warning where the book's code runs, and surely does not do what was meant."""

from fastnn.arguments.user_warnings import warn_user

__all__ = ["MistakeWarning", "warn_of"]


class MistakeWarning(UserWarning):
    """The book's code runs with this, and so does ours, with the same result: surely a mistake.

    Given once for each network object and each kind of mistake.
    """


def warn_of(net: object, kind: str, message: str) -> None:
    """Warn of a mistake, unless it is known already."""
    warned = vars(net).setdefault("_fastnn_warned", set())
    if kind not in warned:
        warned.add(kind)
        warn_user(message, MistakeWarning)

"""Failures that a command reports in one line."""

__all__ = ["CommandError", "UsageError"]


class CommandError(Exception):
    """A command can't go on; the message is for the user."""

    exit_code = 1


class UsageError(CommandError):
    """The command line asks for what makes no sense."""

    exit_code = 2

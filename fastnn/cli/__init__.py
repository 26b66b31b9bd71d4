"""The command `fastnn`: results on standard output, progress and errors on standard error.

Every failure is one line on standard error. Exit codes: 0 done, 1 it failed, 2 the command
line is wrong, 130 interrupted, 141 nobody reads the output any more.
"""

import os
import sys
from collections.abc import Callable, Sequence

from fastnn.cli import (
    compile,
    demo,
    docs,
    evaluate,
    explain,
    export,
    import_,
    info,
    predict,
    report,
    train,
)
from fastnn.cli.arguments import Parser
from fastnn.cli.display import Results, fail, prepare_streams, silence, warnings_as_lines
from fastnn.cli.errors import CommandError

__all__ = ["main", "run"]

_INTERRUPTED = 128 + 2  # as a shell shows the death by SIGINT
_BROKEN_PIPE = 128 + 13  # by SIGPIPE


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default the process's own; returns the exit code."""
    return run(_parser, sys.argv[1:] if argv is None else argv)


def run(parser: Callable[[], Parser], argv: Sequence[str]) -> int:
    """Run what a command line asks for, as `parser` understands it; returns the exit code."""
    prepare_streams()
    try:
        with warnings_as_lines():
            code = _run(parser(), argv)
        Results().say()
    except BrokenPipeError:
        code = _BROKEN_PIPE
    except KeyboardInterrupt:
        fail("interrupted")
        code = _INTERRUPTED
    except Exception as error:
        fail(_describe(error))
        code = getattr(error, "exit_code", 1)
    try:
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout)  # or Python would complain about it once more at its end
    return code


def _run(parser: Parser, argv: Sequence[str]) -> int:
    if not argv and parser.get_default("run") is None:  # a command is asked for
        parser.print_help(sys.stderr)
        return 2
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as end:  # --help, --version, usage errors
        return int(end.code or 0)
    return int(arguments.run(arguments))


def _parser() -> Parser:
    from fastnn import __version__

    parser = Parser(
        prog="fastnn",
        description="Train a feedforward neural network on the CPU, fast, and use it.",
    )
    parser.add_argument("--version", action="version", version=f"fastnn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (
        train, evaluate, predict, report, explain, export, import_, demo, info, compile, docs
    ):  # fmt: skip
        module.add_parser(commands)
    return parser


def _describe(error: Exception) -> str:
    """A failure in one line: what the user did wrong, or where fastnn did."""
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}" if str(error) else "not enough memory"
    if isinstance(error, OSError) and error.strerror:
        name = error.filename
        return f"{os.fsdecode(name)}: {error.strerror}" if name else error.strerror
    if isinstance(error, (CommandError, OSError, ValueError)):
        return str(error)
    import traceback

    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"a defect in fastnn, please report it: {type(error).__name__}: {error} "
        f"({os.path.basename(where.filename)}, line {where.lineno})"
    )

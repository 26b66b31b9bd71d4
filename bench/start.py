"""What one waits for at each start: `python bench/start.py`.

Each figure is the median of some new processes, in the environment that this runs in: of importing
fastnn.Network when NumPy is imported, of loading MNIST for the first time in a process, and of
whole processes from start to end. Seconds are those on the clock and, as other programs may run on
the machine, those of CPU as well. On Unix.
"""

import argparse
import statistics
import subprocess
import sys

ROUNDS = 9

_CLOCKS = """
import time
def clocks():
    return time.perf_counter(), time.process_time()
def told(begin):
    print(*(now - before for before, now in zip(begin, clocks())))
"""
# Name -> a program that prints seconds on the clock and of CPU, of a part of what it does.
PROGRAMS = {
    "import beyond NumPy": f"""{_CLOCKS}
import numpy, numpy.random
begin = clocks()
import fastnn
fastnn.Network
told(begin)
""",
    "loading MNIST": f"""{_CLOCKS}
from fastnn.datasets import load_mnist
begin = clocks()
load_mnist()
told(begin)
""",
}
# Name -> arguments of a Python process, all of which is timed.
COMMANDS = {
    "python, empty": ["-c", "pass"],
    "fastnn --help": ["-m", "fastnn", "--help"],
    "fastnn train mnist --help": ["-m", "fastnn", "train", "mnist", "--help"],
}


def of_program(program):
    """Seconds on the clock and of CPU, as the program itself measures them in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return tuple(map(float, done.stdout.split()))


_OF_COMMAND = f"""{_CLOCKS}
import resource, subprocess, sys
begin = time.perf_counter()
subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)  # in microseconds; os.times has hundredths
print(time.perf_counter() - begin, used.ru_utime + used.ru_stime)
"""


def of_command(arguments):
    """Seconds on the clock and of CPU that a new Python process takes in all."""
    done = subprocess.run(
        [sys.executable, "-c", _OF_COMMAND, *arguments], capture_output=True, text=True, check=True
    )
    return tuple(map(float, done.stdout.split()))


def measure(rounds=ROUNDS):
    """Name -> medians of seconds on the clock and of CPU, all measured in turn."""
    tasks = {name: (of_program, program) for name, program in PROGRAMS.items()}
    tasks |= {name: (of_command, arguments) for name, arguments in COMMANDS.items()}
    found = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, (measured, what) in tasks.items():
            found[name].append(measured(what))
    return {name: tuple(map(statistics.median, zip(*each))) for name, each in found.items()}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    arguments = parser.parse_args(argv)
    if arguments.rounds < 1:
        parser.error(f"--rounds: expected at least 1, got {arguments.rounds}")
    print(f"{'median of ' + str(arguments.rounds):27}   seconds       CPU")
    for name, (seconds, cpu) in measure(arguments.rounds).items():
        print(f"{name:27}   {seconds:7.3f}   {cpu:7.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

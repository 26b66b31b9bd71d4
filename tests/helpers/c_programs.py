"""C programs around exported headers: compiled as strictly as can be, and run."""

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

# No warning of any of these is one too many.
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-pedantic", "-Werror"]
STRICT_CXX = [option for option in STRICT if option != "-Wdouble-promotion"]

# Rows from standard input to outputs and a label on standard output, a network after the other.
_ROWS = """\
#include <stdio.h>
{includes}
{functions}
int main(void)
{{
    {calls}
    return 0;
}}
"""
_NETWORK = """\
static void {p}_rows(void)
{{
    static float input[{P}_INPUTS], output[{P}_OUTPUTS], scratch[{P}_SCRATCH];
    int row, label;
    for (row = 0; row < {rows}; ++row) {{
        if (fread(input, sizeof input, 1, stdin) != 1)
            return;
        {p}_predict(input, output, scratch);
        label = {label};
        fwrite(output, sizeof output, 1, stdout);
        fwrite(&label, sizeof label, 1, stdout);
    }}
}}
"""


def needs(program):
    """Skip the test without it; returns its path."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@functools.lru_cache
def has_32_bits():
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "empty.c")
        source.write_text("#include <math.h>\nint main(void) { return 0; }\n")
        options = ["-m32", str(source), "-o", f"{folder}/empty", "-lm"]
        return subprocess.run([needs("gcc"), *options], capture_output=True).returncode == 0


def compiled(folder, text, *options, compiler="gcc", strict=STRICT, link=True):
    """The program, or with link=False the object file, that a compiler makes of a text in C."""
    if "-m32" in options and not has_32_bits():
        pytest.skip("a C library for 32 bits is not installed")
    source = Path(folder, "program.cpp" if compiler.endswith("++") else "program.c")
    source.write_text(text)
    made = source.with_suffix("" if link else ".o")
    result = subprocess.run(
        [needs(compiler), *strict, *options, *([] if link else ["-c"])]
        + [str(source), "-o", str(made), *(["-lm"] if link else [])],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return made


def run(program, given=b""):
    """What it writes; it must end well and say nothing else."""
    done = subprocess.run([str(program)], input=given, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout


def outputs(folder, networks, *options, **settings):
    """[(outputs (rows, outputs), labels (rows,))] of the headers `folder`/NAME.h.

    networks  (NAME, x, C that gives the label) each
    """
    text = _ROWS.format(
        includes="\n".join(f'#include "{name}.h"' for name, _, _ in networks),
        functions="\n".join(
            _NETWORK.format(p=name, P=name.upper(), rows=len(x), label=label)
            for name, x, label in networks
        ),
        calls="\n    ".join(f"{name}_rows();" for name, _, _ in networks),
    )
    program = compiled(folder, text, *(options or ["-std=c99", "-O2"]), **settings)
    written = run(program, b"".join(x.astype(np.float32).tobytes() for _, x, _ in networks))
    found, rows = [], sum(len(x) for _, x, _ in networks)
    assert len(written) % 4 == 0
    for name, x, _ in networks:
        width = _number(folder, name, "OUTPUTS")
        row = np.dtype([("outputs", np.float32, (width,)), ("label", np.int32)])
        values = np.frombuffer(written, row, len(x))
        written, rows = written[values.nbytes :], rows - len(x)
        found.append((values["outputs"], values["label"]))
    assert (written, rows) == (b"", 0)
    return found


def _number(folder, name, what):
    """The macro's value in the header."""
    for line in Path(folder, f"{name}.h").read_text().splitlines():
        if line.startswith(f"#define {name.upper()}_{what} "):
            return int(line.split()[2])
    raise AssertionError(f"no {what} in {name}.h")

"""Headers as compilers see them: no warning, no variable, no symbol without the prefix."""

import re
import subprocess

import numpy as np
import pytest
from c_programs import STRICT, STRICT_CXX, compiled, needs, outputs, run

import fastnn
from fastnn.export.c99 import to_c

MATH = {"expf", "expm1f", "log1pf", "tanhf", "erfcf"}

# One header each, with everything that differs from the others: labels, arithmetic, layers.
KINDS = {
    "digits": (dict(sizes=[16, 9, 4], cost="log_likelihood"), dict(classes=list("abcd"))),
    "small": (
        dict(sizes=[16, 9, 7, 4], cost="log_likelihood", input_scale=1 / 255),
        dict(int8=True),
    ),
    "yes_no": (dict(sizes=[5, 1]), dict(classes=["no", "yes"])),
    "yes_no_8": (dict(sizes=[5, 1]), dict(int8=True)),
    "labels": (dict(sizes=[5, 6, 3], multi_label=True), dict(classes=["red", "round", "ripe"])),
    "price": (dict(sizes=[5, 6, 4, 8, 1], activation="relu", cost="quadratic"), {}),
    "price_8": (dict(sizes=[5, 6, 1], activation="mish", cost="quadratic"), dict(int8=True)),
    "relu_classes": (
        dict(sizes=[5, 6, 3], activation="relu", cost="quadratic", output_activation="relu"),
        {},
    ),
}
READ = {"labels": "labels_has_label(output, 1)", "price": "0", "price_8": "0"}

SELF_TESTS = """\
{includes}
int main(void)
{{
    static float scratch[1000];
    return {calls};
}}
"""

WAYS = [
    ("gcc", "-std=c99 -O0"),
    ("gcc", "-std=c99 -O2"),
    ("gcc", "-std=gnu17 -O3 -Wshadow -Wcast-qual -Wcast-align=strict -Wunused-const-variable=2"),
    ("gcc", "-m32 -std=c99 -O2"),
    ("gcc", "-m32 -mfpmath=387 -O2"),
    ("g++", "-std=c++98 -O2"),
    ("g++", "-std=c++20"),
    ("clang", "-std=c99 -O2 -Weverything"),
    ("clang++", "-std=c++98"),
]


def label_of(name):
    return READ.get(name, f"{name}_label(output)")


@pytest.fixture(scope="module")
def headers(tmp_path_factory):
    """The folder with KINDS, and the networks."""
    folder, networks = tmp_path_factory.mktemp("headers"), {}
    for seed, (name, (made, options)) in enumerate(KINDS.items()):
        networks[name] = fastnn.Network(**made, seed=seed)
        to_c(networks[name], folder / f"{name}.h", prefix=name, **options)
    return folder, networks


def self_tests(names, last="+"):
    return SELF_TESTS.format(
        includes="\n".join(f'#include "{name}.h"' for name in names),
        calls=" + ".join(f"{name}_self_test(scratch)" for name in names),
    )


@pytest.mark.parametrize(("compiler", "options"), WAYS, ids=lambda value: value)
def test_no_compiler_warns_and_all_pass_the_self_test(headers, tmp_path, compiler, options):
    """All headers in one program, some of whose functions are not used."""
    folder, _ = headers
    program = compiled(
        tmp_path,
        self_tests(KINDS),
        f"-I{folder}",
        *options.split(),
        compiler=compiler,
        strict=STRICT_CXX if compiler.endswith("++") else STRICT,
    )
    run(program)


def test_a_header_alone_in_a_program_that_uses_none_of_it(headers, tmp_path):
    folder, _ = headers
    included = "".join(f'#include "{name}.h"\n' for name in ("small", "digits", "small"))
    text = included + "int main(void) { return 0; }\n"
    run(compiled(tmp_path, text, f"-I{folder}", "-std=c99"))


def test_several_networks_in_one_program_compute_what_fastnn_does(headers):
    folder, networks = headers
    rng = np.random.default_rng(3)
    asked = [
        (name, 5 * rng.standard_normal((50, net.sizes[0])) / net.input_scale, label_of(name))
        for name, net in networks.items()
    ]
    found = outputs(folder, asked)
    for (name, x, _), (got, label) in zip(asked, found, strict=True):
        net, x = networks[name], x.astype(np.float32)
        int8 = KINDS[name][1].get("int8")
        np.testing.assert_allclose(got, net.feedforward(x), atol=0.2 if int8 else 2e-6)
        if name == "labels":
            assert (label == net.predict(x)[:, 1]).all()
        elif not name.startswith("price") and not int8:
            assert (label == net.predict(x)).all()
            assert len(set(label)) > 1


def test_symbols_have_the_prefix_and_nothing_is_variable(headers, tmp_path):
    folder, _ = headers
    text = "\n".join(
        [
            *(f'#include "{name}.h"' for name in KINDS),
            *(
                f"int try_{name}(const float *input, float *output, float *scratch);\n"
                f"int try_{name}(const float *input, float *output, float *scratch)\n"
                f"{{\n    {name}_predict(input, output, scratch);\n"
                f"    return {label_of(name)} + {name}_self_test(scratch);\n}}"
                for name in KINDS
            ),
            *(
                f"const char *name_{name}(int i);\n"
                f"const char *name_{name}(int i) {{ return {name}_class_name(i); }}"
                for name in ("digits", "yes_no", "labels")
            ),
        ]
    )
    made = compiled(tmp_path, text, f"-I{folder}", "-std=c99", link=False)
    listing = subprocess.run([needs("nm"), made], capture_output=True, text=True, check=True)
    symbols = [line.split()[-2:] for line in listing.stdout.splitlines()]
    own = {name for kind, name in symbols if kind in "tr" and not name.startswith(".LC")}
    assert {f"{name}_weights_1" for name in KINDS} <= own
    assert all(name.startswith(tuple(f"{kind}_" for kind in KINDS)) for name in own)
    for kind, name in symbols:
        if kind == "U":
            assert name in MATH
        elif kind == "T":
            assert re.match("try_|name_", name)
        else:
            assert kind in "tr", f"{kind} {name}"  # code and constants; no variable
    sizes = subprocess.run([needs("size"), "-A", made], capture_output=True, text=True, check=True)
    sections = dict(line.split()[:2] for line in sizes.stdout.splitlines() if line[:1] == ".")
    assert sections[".data"] == sections[".bss"] == "0"
    assert not any("relro" in name or "data.rel" in name for name in sections)


@pytest.mark.parametrize("int8", [False, True])
def test_relu_networks_take_no_mathematics(tmp_path, int8):
    net = fastnn.Network([6, 5, 2], activation="relu", cost="quadratic", seed=0)
    to_c(net, tmp_path / "net.h", prefix="net", int8=int8)
    assert "math.h" not in (tmp_path / "net.h").read_text()
    made = compiled(tmp_path, self_tests(["net"]), "-std=c99", "-O1", link=False)
    listing = subprocess.run([needs("nm"), "-u", made], capture_output=True, text=True, check=True)
    assert listing.stdout == ""


def test_sanitizers_find_nothing(headers, tmp_path):
    """Also for rows that are no numbers, tiny or huge."""
    folder, networks = headers
    asked = []
    for name, net in networks.items():
        rows = np.random.default_rng(4).standard_normal((30, net.sizes[0])).astype(np.float32)
        rows[0] = 0
        for i, value in enumerate([np.nan, np.inf, -np.inf, 3.4e38, 1e-45, 1e-31, -0.0], start=1):
            rows[i] *= 1e-40 if abs(value) < 1e-30 else 1
            rows[i, i % net.sizes[0]] = value
        asked.append((name, rows, label_of(name)))
    kinds = "undefined,address,float-cast-overflow,float-divide-by-zero,leak"
    found = outputs(
        folder, asked, "-std=c99", "-O1", f"-fsanitize={kinds}", "-fno-sanitize-recover=all"
    )
    for (name, _, _), (got, label) in zip(asked, found, strict=True):
        assert np.isnan(got[1]).all(), name
        assert np.isfinite(got[[0, *range(5, 30)]]).all(), name
        if not name.startswith(("price", "labels")):
            assert label[1] == -1
            assert (label[5:] >= 0).all()


@pytest.mark.parametrize("name", KINDS)
def test_the_example_in_the_comment_is_a_program(headers, tmp_path, name):
    folder, networks = headers
    text = (folder / f"{name}.h").read_text()
    example = text.partition(" * A program:\n *\n")[2].partition("\n */")[0]
    lines = [line.removeprefix(" *").removeprefix("     ") for line in example.splitlines()]
    said = run(compiled(tmp_path, "\n".join(lines) + "\n", f"-I{folder}", "-std=c99")).decode()
    x = np.zeros((1, networks[name].sizes[0]), np.float32)
    x[0, 0] = 0.5
    expected = networks[name].predict(x).ravel()[0]
    if name.startswith("price"):
        assert float(said) == pytest.approx(expected, abs=1e-4 if name == "price" else 0.02)
    elif name in ("digits", "yes_no"):
        assert said == f"{KINDS[name][1]['classes'][expected]}\n"
    else:
        assert said == f"{expected}\n"


def test_it_reads_well(headers):
    folder, _ = headers
    for name in KINDS:
        text = (folder / f"{name}.h").read_text()
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= 100
        assert not re.search(r"[ \t]$|\n\n\n|\bnn_|\bNN_|THIS_FILE", text, re.MULTILINE)
        guard = f"{name.upper()}_H"
        assert f"#ifndef {guard}\n#define {guard}\n" in text
        assert text.endswith("}\n\n#endif\n")


def test_the_comment_tells_what_it_takes(headers, tmp_path):
    net = headers[1]["small"]
    takes = to_c(net, tmp_path / "small.h", prefix="small", int8=True)
    text = (tmp_path / "small.h").read_text()
    assert " * " + "\n * ".join(f"  {line}" for line in str(takes).splitlines()) in text
    assert "layer 2              9 to 7, sigmoid\n" in text
    assert f"fastnn {fastnn.__version__}" in text
    weights = 16 * 9 + 9 * 7 + 7 * 4
    neurons = 9 + 7 + 4
    assert takes.multiply_adds == weights
    assert takes.flash == weights + 8 * neurons
    assert takes.self_test == 4 * 3 * (16 + 4)
    assert takes.scratch == 4 * (9 + 16 // 4)
    assert takes.ram == takes.scratch + 4 * (16 + 4)
    assert takes.measured is None


@pytest.mark.parametrize("name", KINDS)
def test_flash_is_what_the_compiler_makes_of_it(headers, tmp_path, name):
    """All constants, the self test's among them: it leaves none out unless it may optimize."""
    folder, networks = headers
    made = compiled(tmp_path, self_tests([name]), f"-I{folder}", "-std=c99", link=False)
    listing = subprocess.run([needs("nm"), "-S", made], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listing.stdout.splitlines()]
    constants = [row for row in rows if len(row) == 4 and row[2] == "r"]
    takes = to_c(networks[name], tmp_path / "again.h", prefix=name, **KINDS[name][1])
    assert sum(int(size, 16) for _, size, _, _ in constants) == takes.flash + takes.self_test

"""What is run in the fresh environment; each prints one line of JSON."""

__all__ = ["CALLS", "FIRST_FIT", "HELP", "IMPORT", "LOADING", "MEMORY", "MODE"]

_FOUND = '[name for name in ("numba", "llvmlite", "tqdm") if name in sys.modules]'
_DATA = """
import json, sys, time
import numpy as np

rng = np.random.default_rng(0)
x = rng.random((640, 784), np.float32)
x[rng.random(x.shape, np.float32) > 0.2] = 0
y = np.arange(640) % 10
"""
_FIT = """
import fastnn
net = fastnn.Network([784, 192, 10], "relu", "log_likelihood", seed=0)
net.fit(x, y, epochs=1, batch_size=64, optimizer="adam", learning_rate=0.005)
"""

# When it ended, by the clock that whoever started it has too, and what was imported.
FIRST_FIT = f"{_DATA}{_FIT}\nprint(json.dumps([time.time(), {_FOUND}]))"

IMPORT = """
import json, sys, time
import numpy
start = time.perf_counter()
import fastnn
alone = time.perf_counter() - start
fastnn.Network
print(json.dumps([alone, time.perf_counter() - start]))
"""

# Resident bytes: the most until the fit's end, beyond those with NumPy and the data.
MEMORY = f"""
{_DATA}
def status(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))

before = status("VmRSS")
{_FIT}
print(json.dumps(status("VmHWM") - before))
"""

LOADING = """
import json, time
from fastnn.datasets import load_mnist
start = time.perf_counter()
load_mnist()
print(json.dumps(time.perf_counter() - start))
"""

HELP = f"""
import json, sys
from fastnn.cli import main
main(["--help"])
print(json.dumps({_FOUND}))
"""

# Seconds of a predictor's call, and of a training's call of the compiled core without rows.
CALLS = """
import json, timeit
import numpy as np
import fastnn
from fastnn.engine import Trainer, UpdateRule

def best(call, number):
    return min(timeit.repeat(call, number=number, repeat=7)) / number

net = fastnn.Network([10, 5, 3], seed=0)
predict, row = net.predictor(), np.zeros(10, net.dtype)
x, y = np.zeros((8, 10), net.dtype), np.zeros((8, 3), net.dtype)
trainer = Trainer(net._engine, x, y, UpdateRule(4, 0.1, 0.0, 0.0, 8))
order = np.zeros(0, np.int64)
predict(row), trainer.run(order)
print(json.dumps([best(lambda: predict(row), 20_000), best(lambda: trainer.run(order), 3_000)]))
"""

# Whether Numba is what a fit runs on.
MODE = f'{_DATA}{_FIT}\nprint(json.dumps("numba" in sys.modules))'

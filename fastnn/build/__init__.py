"""Kernels as machine code before anybody needs them: a shared library for each CPU level.

systems           the systems that libraries are built for, and their levels
symbols           what functions are called in a library
machine_code      compiled functions, all in one module of LLVM's, as an object file
cpu_level         the small library that tells which level a CPU has
linking           object files as a shared library
worker            one process: some functions of one level as an object file
library           all of it: workers side by side, one library and its index a level
wheel             which libraries a wheel gets, and how it is called
hook              what `pip install` runs

`python -m fastnn.build --help` says how it is run by hand. To build needs Numba, to run what was
built does not. Nothing here is imported by the rest of fastnn.
"""

"""Kernels as Python calls them: C functions of a block of arguments.

keys             which specialization of a kernel suits its arguments, and their block
kernels          all kernels, by name
calling          where their code comes from, and calls
functions        activations and costs, which kernels call by their address
specializations  which are made ready beforehand
preparing        making them ready here: into the cache, where no library has them
"""

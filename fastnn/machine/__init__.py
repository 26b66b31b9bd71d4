"""What this process runs on, decided once, at the import.

sources       a digest of what machine code of kernels is made from
cpu           which level of instructions the CPU has
libraries     the machine code that comes with the package
choice        whether that is run, or code that Numba compiles, or plain Python
registers     the shape of the vector registers, which follows
cache_folder  where what Numba compiles is kept
"""

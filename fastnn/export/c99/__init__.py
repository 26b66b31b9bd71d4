"""A network as one C99 header: for microcontrollers, plugins, and whatever a C compiler reaches.

    from fastnn.export.c99 import to_c

    print(to_c(net, "digits.h", prefix="digits"))

writing     `to_c`, where a network enters and a file leaves
floats      the arithmetic of float32 weights, as C and as NumPy
int8        that of weights in bytes, the same
activations in C
labels      what outputs name, and C that reads them
header      the text of the whole, of such pieces
self_test   rows and outputs that the header carries to check itself
constants   arrays of numbers, in columns
figures     what it takes of memory and work, and how accurate it is
literals    names, numbers and texts as C reads them
"""

from fastnn.export.c99.figures import Measured, Written
from fastnn.export.c99.writing import to_c

__all__ = ["Measured", "Written", "to_c"]

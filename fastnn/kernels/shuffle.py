"""Python's random.shuffle, at a twentieth of its time.

The Mersenne Twister MT19937 as in Python's `random`, whose numbers the book's code shuffles
with. Its 32-bit words are kept in int64, so that no operation overflows or changes type.
"""

from fastnn.kernels.jit import inner, kernel
from fastnn.kernels.simd import item, set_item

__all__ = ["shuffle"]

_WORDS, _MIDDLE = 624, 397


@kernel
def shuffle(state, order, n):
    """Shuffle as random.shuffle does (Fisher and Yates, from the end).

    state (625,) int64 in, out  the generator's words and the position of the next one
    order (n,) int64 in, out    n < 2^32
    """
    bits = 1
    while n >> bits:
        bits += 1
    for i in range(n - 1, 0, -1):
        if (i + 1) >> (bits - 1) == 0:
            bits -= 1  # how many bits i + 1 has
        j = _next_word(state) >> (32 - bits)
        while j > i:
            j = _next_word(state) >> (32 - bits)
        other = item(order, j)
        set_item(order, j, item(order, i))
        set_item(order, i, other)


@inner
def _next_word(state):
    """The generator's next word, tempered."""
    if item(state, _WORDS) >= _WORDS:
        _generate(state)
    position = item(state, _WORDS)
    y = item(state, position)
    set_item(state, _WORDS, position + 1)
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C5680
    y ^= (y << 15) & 0xEFC60000
    return y ^ (y >> 18)


@inner
def _generate(state):
    """The next 624 words."""
    for k in range(_WORDS):
        after = item(state, (k + 1) % _WORDS)
        y = (item(state, k) & 0x80000000) | (after & 0x7FFFFFFF)
        far = item(state, (k + _MIDDLE) % _WORDS)
        set_item(state, k, far ^ (y >> 1) ^ ((y & 1) * 0x9908B0DF))
    set_item(state, _WORDS, 0)

"""Who has which weights of layer 1, where threads share these instead of a mini-batch's rows.

By far the most weights of a network are layer 1's. So each stays in the cache of one core, which
reads it in the forward pass and writes it in the update. Every second thread has the weights of the
first half of the inputs, the others those of the second half; who has the same half shares the
neurons. With three threads:

               neurons                     a mini-batch
            +-----+-----+
     first  |  0  |  2  |       0, 2:  parts of z --+               +-- update own weights
     half   +-----+-----+                           | meet: z =     |
    --------+-----------+                           | b + both      | meet
     second |     1     |       1:     part of z ---+ parts, then   +-- update own weights
     half   +-----------+                             own rows

Halves are whole rows of memory: a thread reads no line beside another's, and keeps half as many
vectors in its L1 cache as with half of the neurons. Each half's part of z is summed up by itself,
whoever does it: the same bits for any number of threads.
"""

from typing import NamedTuple

import numpy as np

from fastnn.kernels.feedforward import add_parts
from fastnn.kernels.jit import inline
from fastnn.kernels.layer import layer_of
from fastnn.kernels.matrix import rows_of
from fastnn.kernels.team import share
from fastnn.kernels.workspace import own_rows, part_of
from fastnn.layout.layers import HALVES
from fastnn.layout.team import Member

__all__ = ["Share", "add_both_parts", "share_of_weights"]


class Share(NamedTuple):
    """The weights of layer 1 that are one member's alone.

    first_half, last_half      whose inputs: the halves from the first to before the last
    first_input, last_input    the same as inputs, or as groups of them
    first_neuron, last_neuron  of them the neurons from the first to before the last
    alone                      whether these are all neurons
    """

    first_half: int
    last_half: int
    first_input: int
    last_input: int
    first_neuron: int
    last_neuron: int
    alone: bool


@inline
def share_of_weights(member, middle, inputs, n, unit):
    """A member's share.

    middle  with which of the inputs the second half begins
    n       neurons, handed out `unit` at a time
    """
    if member.size == 1:
        return Share(0, HALVES, 0, inputs, np.int64(0), np.int64(n), True)
    half = member.number % HALVES
    peers = (member.size - half + HALVES - 1) // HALVES
    first, last = share(Member(member.number // HALVES, peers, member.sync), n, unit)
    if half == 0:
        return Share(0, 1, 0, middle, first, last, peers == 1)
    return Share(1, HALVES, middle, inputs, first, last, peers == 1)


@inline
def add_both_parts(t, batch):
    """z of layer 1 for the thread's rows, when the parts of all threads are there."""
    layer = layer_of(own_rows(t, batch), 1)
    parts = rows_of(part_of(t, 0, batch.m), batch.first, batch.last)
    add_parts(parts, t.memory.part_size, HALVES, layer.b, layer.a)

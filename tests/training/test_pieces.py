"""How an epoch is cut: whole mini-batches, of about the same work whatever the network."""

import numpy as np
import pytest

from fastnn.engine import Engine
from fastnn.training.pieces import epochs_in_a_piece, piece_rows


def engine(*sizes):
    return Engine(sizes, ["sigmoid"] * (len(sizes) - 1), "cross-entropy", np.float32)


SMALL, BOOK, WIDE = engine(4, 3, 2), engine(784, 30, 10), engine(784, 800, 800, 10)


@pytest.mark.parametrize("m", [1, 7, 10, 128])
@pytest.mark.parametrize("net", [SMALL, BOOK, WIDE])
def test_whole_mini_batches_and_at_least_one(net, m):
    assert piece_rows(net, m) >= m
    assert piece_rows(net, m) % m == 0
    assert piece_rows(net, 10**9) == 10**9


def test_more_work_is_cut_into_more_pieces():
    """A row's work, and a mini-batch's beyond its rows: an update reads and writes all weights."""
    small, book, wide = (piece_rows(net, 128) for net in (SMALL, BOOK, WIDE))
    assert small > 3 * book > 30 * wide
    assert piece_rows(WIDE, 1) < piece_rows(WIDE, 128) / 10
    assert piece_rows(SMALL, 1) > piece_rows(SMALL, 128) / 2  # there are hardly any weights


def test_only_many_short_epochs_share_a_piece():
    most = piece_rows(SMALL, 10)
    many = epochs_in_a_piece(SMALL, 10, 23)
    assert 8 < many < most // 23
    assert epochs_in_a_piece(SMALL, 10, 2 * 23) == pytest.approx(many / 2, abs=1)
    longest = many * 23 // 8
    assert epochs_in_a_piece(SMALL, 10, longest) == 8
    assert epochs_in_a_piece(SMALL, 10, longest + 10) == 1

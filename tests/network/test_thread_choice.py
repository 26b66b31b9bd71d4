"""How many threads a training uses: tried on short pieces of it, and decided by what they took."""

import numpy as np
import pytest

from fastnn.thread_choice import ThreadChoice

MOST = 64_000


def choice_of(candidates, mini_batch_size=10):
    choice = ThreadChoice(None, mini_batch_size)
    choice._candidates = candidates
    return choice


def pieces(choice, seconds_a_row, count):
    """(threads, rows) of the next pieces, which take so long with each number of threads."""
    taken = []
    for _ in range(count):
        threads, rows = choice.next(), choice.rows(MOST)
        taken.append((threads, rows))
        choice.measured(rows, rows * seconds_a_row[threads])
    return taken


def test_trials_are_short_and_the_fastest_stays():
    choice = choice_of([1, 2])
    taken = pieces(choice, {1: 2e-6, 2: 1.2e-6}, 7)
    assert [threads for threads, _ in taken] == [1, 1, 2, 1, 2, 2, 2]
    rows = [rows for _, rows in taken]
    assert rows[0] == MOST // 64  # how fast it is, nobody knows yet
    assert rows[1:5] == [1500, 1500, 2500, 1500]  # 3 ms each
    assert rows[5:] == [MOST] * 2


@pytest.mark.parametrize("seconds", [0.0, 1e-12, 1.0])
def test_pieces_are_whole_mini_batches_within_bounds(seconds):
    choice = choice_of([1, 2], mini_batch_size=700)
    for _, rows in pieces(choice, {1: seconds, 2: seconds}, 7):
        assert rows == MOST or (rows % 700 == 0 and 700 <= rows <= MOST)


def test_a_gain_that_is_hardly_one_is_not_worth_a_thread():
    choice = choice_of([1, 2])
    pieces(choice, {1: 1e-6, 2: 0.98e-6}, 6)
    assert choice.chosen == 1


def test_a_choice_is_looked_at_again_soon_and_then_less_often():
    choice = choice_of([1, 2])
    taken = pieces(choice, {1: 1e-6, 2: 2e-6}, 3000)  # long pieces take 64 ms
    others = [i for i, (threads, _) in enumerate(taken) if threads == 2]
    seconds = [sum(rows * 1e-6 for _, rows in taken[:i]) for i in others[::2]]
    waits = np.diff(seconds[:8])
    np.testing.assert_allclose(waits, [0.1, 0.4, 1.6, 5, 5, 5, 5], atol=0.1)


def test_a_choice_that_was_disturbed_is_mended():
    choice = choice_of([1, 2])
    pieces(choice, {1: 1e-6, 2: 5e-6}, 5)
    assert choice.chosen == 1
    pieces(choice, {1: 1e-6, 2: 0.5e-6}, 8)
    assert choice.chosen == 2


def test_a_number_that_is_given_is_not_tried():
    choice = ThreadChoice(3, 10)
    assert pieces(choice, {3: 1e-6}, 4) == [(3, MOST)] * 4


def test_mini_batches_that_take_less_than_a_few_meetings_are_left_to_one_thread():
    choice = choice_of([1, 2])
    pieces(choice, {1: 1e-8, 2: 1e-8}, 6)
    assert choice.chosen == 1
    assert pieces(choice, {1: 1e-8, 2: 1e-9}, 200) == [(1, MOST)] * 200

"""How many threads a training uses: tried on short pieces of it, and decided by what they took."""

import numpy as np
import pytest

from fastnn.engine import thread_choice
from fastnn.engine.thread_choice import ThreadChoice

MOST = 64_000
MOST_TOGETHER = 20_000  # rows of a piece of several threads: 2,000 mini-batches of ten


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(thread_choice, "available_cores", lambda: 2)


def choice_of(mini_batch_size=10, n_threads=None):
    return ThreadChoice(n_threads, mini_batch_size, MOST)


def pieces(choice, seconds_a_row, count):
    """(threads, rows) of the next pieces, which take so long with each number of threads."""
    taken = []
    for _ in range(count):
        threads, rows = choice.next(), choice.rows()
        taken.append((threads, rows))
        choice.measured(rows, rows * seconds_a_row[threads])
    return taken


def trials(taken, seconds_a_row, chosen):
    """When each trial of other numbers began, and the share of the time that trials have lost."""
    clock, lost, starts, before = 0.0, 0.0, [], chosen
    for threads, rows in taken:
        if threads != chosen:
            lost += rows * (seconds_a_row[threads] - seconds_a_row[chosen])
            if before == chosen:
                starts.append(clock)
        clock, before = clock + rows * seconds_a_row[threads], threads
    return starts, lost / clock


def test_trials_of_short_mini_batches_are_short_and_the_fastest_stays(two_cores):
    choice = choice_of()
    taken = pieces(choice, {1: 1e-6, 2: 0.6e-6}, 7)
    assert [threads for threads, _ in taken] == [1, 1, 2, 1, 2, 2, 2]
    rows = [rows for _, rows in taken]
    assert rows[0] == MOST // 64  # how fast it is, nobody knows yet
    assert rows[1:5] == [2000, 2000, 3330, 2000]  # 2 ms each
    assert rows[5:] == [MOST_TOGETHER] * 2


def test_mini_batches_that_turn_out_long_go_to_all_threads(two_cores):
    taken = pieces(choice_of(), {1: 10e-6, 2: 6e-6}, 4)  # 0.1 and 0.06 ms
    assert taken == [(1, MOST // 64), *3 * [(2, MOST_TOGETHER)]]


def test_long_mini_batches_are_all_threads_work_from_the_first_one_and_tried_later(two_cores):
    seconds = {1: 10e-6, 2: 6e-6}
    taken = pieces(choice_of(mini_batch_size=1000), seconds, 3000)
    assert taken[:2] == [(2, 1000), (2, MOST)]
    starts, lost = trials(taken, seconds, chosen=2)
    assert 1.2 < starts[0] < 2  # 200 x 6 ms, in pieces of 0.38 s
    assert starts[2] - starts[1] > 0.8  # 100 times what two trials of 10 ms have lost
    assert 0 < lost < 0.01


def test_long_mini_batches_that_more_threads_slow_down_are_left_to_one(two_cores):
    seconds = {1: 6e-6, 2: 10e-6}
    taken = pieces(choice_of(mini_batch_size=1000), seconds, 300)
    assert [threads for threads, _ in taken[:2]] == [2, 2]
    assert [threads for threads, _ in taken[5:]].count(2) < 20
    assert taken[-1] == (1, MOST)


@pytest.mark.parametrize("faster", [1, 2])
@pytest.mark.parametrize("mini_batch_size", [10, 16, 100, MOST])
def test_trials_cost_about_a_hundredth_of_the_time(two_cores, mini_batch_size, faster):
    seconds = {faster: 1e-6, 3 - faster: 1.7e-6}
    choice = choice_of(mini_batch_size)
    pieces(choice, seconds, 500)  # by then the choice is made
    starts, lost = trials(pieces(choice, seconds, 3000), seconds, chosen=faster)
    assert len(starts) > 3
    assert 0 < lost < 0.011


@pytest.mark.parametrize("seconds", [0.0, 1e-12, 1.0])
def test_pieces_are_whole_mini_batches_within_bounds(two_cores, seconds):
    choice = choice_of(mini_batch_size=700)
    for _, rows in pieces(choice, {1: seconds, 2: seconds}, 7):
        assert rows == MOST or (rows % 700 == 0 and 700 <= rows <= MOST)


def test_a_gain_that_is_hardly_one_is_not_worth_a_thread(two_cores):
    choice = choice_of()
    pieces(choice, {1: 1e-6, 2: 0.98e-6}, 6)
    assert choice.chosen == 1


def test_a_choice_is_looked_at_again_soon_and_then_less_often(two_cores):
    seconds = {1: 1e-6, 2: 1.1e-6}
    taken = pieces(choice_of(), seconds, 3000)  # long pieces take 64 ms
    starts = trials(taken, seconds, chosen=1)[0][::2]  # a trial looks at two threads twice
    waits = np.diff(starts[:7])
    np.testing.assert_allclose(waits, [0.4, 1.6, 6.4, 20, 20, 20], atol=0.1)


def test_a_choice_that_was_disturbed_is_mended(two_cores):
    choice = choice_of()
    pieces(choice, {1: 1e-6, 2: 1.2e-6}, 5)
    assert choice.chosen == 1
    pieces(choice, {1: 1e-6, 2: 0.5e-6}, 20)
    assert choice.chosen == 2


def test_a_piece_much_slower_than_usual_is_followed_by_a_trial(two_cores):
    """As when other programs have come: nobody waits for the next regular trial."""
    choice = choice_of(mini_batch_size=100)
    pieces(choice, {1: 1e-6, 2: 0.6e-6}, 1500)  # the next regular one is seconds away
    alone = pieces(choice, {1: 1e-6, 2: 0.6e-6}, 10)
    disturbed = pieces(choice, {1: 1.1e-6, 2: 50e-6}, 10)
    assert {threads for threads, _ in alone} == {2}
    assert [threads for threads, _ in disturbed] == [2, 1, 2, 1, 2, 1, 1, 1, 1, 1]


def test_a_short_piece_that_was_slow_tells_nothing(two_cores):
    """The last one of an epoch may be a few rows, which take less than to wake the others."""
    choice = choice_of(mini_batch_size=100)
    pieces(choice, {1: 1e-6, 2: 0.6e-6}, 1500)
    choice.measured(100, 100 * 10e-6)
    assert {threads for threads, _ in pieces(choice, {1: 1e-6, 2: 0.6e-6}, 5)} == {2}


def test_a_number_that_is_given_is_not_tried(two_cores):
    choice = choice_of(n_threads=3)
    assert pieces(choice, {3: 1e-6}, 4) == [(3, MOST_TOGETHER)] * 4


def test_mini_batches_that_take_less_than_a_few_meetings_are_left_to_one_thread(two_cores):
    choice = choice_of()
    pieces(choice, {1: 1e-8, 2: 1e-8}, 6)
    assert choice.chosen == 1
    assert pieces(choice, {1: 1e-8, 2: 1e-9}, 200) == [(1, MOST)] * 200


@pytest.mark.parametrize(
    ("cores", "candidates"),
    [
        (1, [1]),
        (2, [1, 2]),
        (3, [1, 2, 3]),
        (6, [1, 2, 4, 6]),
        (8, [1, 2, 4, 8]),
        (12, [1, 2, 4, 8, 12]),
    ],
)
def test_candidates_are_powers_of_two_and_all_cores(monkeypatch, cores, candidates):
    monkeypatch.setattr(thread_choice, "available_cores", lambda: cores)
    choice = choice_of()
    assert choice.most == cores
    seconds = {threads: 1e-6 / threads for threads in candidates}
    tried = [threads for threads, _ in pieces(choice, seconds, 2 + 2 * len(candidates))]
    assert tried == [1, *2 * candidates, cores]  # all of them are the fastest here


@pytest.mark.parametrize("cores", [3, 6, 12])
def test_some_of_the_cores_may_be_the_fastest(monkeypatch, cores):
    monkeypatch.setattr(thread_choice, "available_cores", lambda: cores)
    choice = choice_of()
    pieces(choice, {threads: 1e-6 * abs(threads - 1.9) for threads in range(1, 13)}, 12)
    assert choice.chosen == 2

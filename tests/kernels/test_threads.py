"""Teams of threads: the same bits for any number, and nobody waits for ever."""

import multiprocessing
import os
import sys
import threading
import time
import weakref

import numpy as np
import pytest
from twins import make_twins

from fastnn.engine import Trainer, UpdateRule
from fastnn.engine import threads as teams
from fastnn.engine.threads import available_cores, run_team
from fastnn.kernels.team import share
from fastnn.layout.team import Member

OPTIMIZERS = {
    "sgd": {},
    "momentum": {"mu": 0.9},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}


def trained(threads, optimizer="sgd", dtype="float32", sizes=(20, 70, 33, 5)):
    twins = make_twins(list(sizes), "relu", "softmax", "log-likelihood", dtype, 90)
    rule = UpdateRule(25, 0.05, 0.1, 0.5, 90, optimizer, **OPTIMIZERS[optimizer])
    trainer = Trainer(twins.engine, twins.x, twins.y, rule, max_threads=threads)
    for seed in range(3):
        trainer.run(np.random.default_rng(seed).permutation(90), threads)
    trainer.finish_epoch()
    return twins.engine.parameters.tobytes(), trainer.cost_sum, trainer.correct


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_bits_for_any_number_of_threads(dtype, optimizer):
    alone = trained(1, optimizer, dtype)
    for threads in (2, 3, available_cores() + 2):
        assert trained(threads, optimizer, dtype) == alone


def test_more_threads_than_rows_or_weights():
    assert trained(7, sizes=(2, 3, 2)) == trained(1, sizes=(2, 3, 2))


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 100])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shares_cover_everything_once(size, n):
    parts = [
        share.py_func(Member(i, size, None), n, 8)
        if hasattr(share, "py_func")
        else share(Member(i, size, None), n, 8)
        for i in range(size)
    ]
    handed_out = [i for first, last in parts for i in range(first, last)]
    assert handed_out == list(range(n))
    assert all(first % 8 == 0 or first == n for first, _ in parts)


def test_two_trainings_at_once():
    expected, results = trained(2), {}
    runs = [threading.Thread(target=lambda i=i: results.update({i: trained(2)})) for i in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert [results[i] for i in range(3)] == [expected] * 3


def test_a_member_that_fails_is_reported_and_frees_the_others(monkeypatch):
    def part(member):
        if member.number == 1:
            raise RuntimeError("member 1")
        while member.sync[16] == 0:  # what waiting kernels look at
            pass

    monkeypatch.setattr(teams, "_idle", [])
    with pytest.raises(RuntimeError, match="member 1"):
        run_team(part, 2)
    assert teams._idle == []  # nobody knows how far its thread came, and it serves no more
    assert run_team(lambda member: member.size, 2) == 2


@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_number_of_interrupts_leaves_a_helper_at_work(monkeypatch, count):
    """The helper is at work until all of them have come while its caller waits."""
    errors = [KeyboardInterrupt(i) for i in range(count)]
    coming, release, done, wait = iter(errors), threading.Event(), [], teams._Task.wait

    def interrupted(task):
        for error in coming:
            raise error
        release.set()
        wait(task)

    def part(member):
        if member.number == 1:
            release.wait(60)
            done.append(1)

    helper = teams._Helper()
    monkeypatch.setattr(teams, "_idle", [helper])
    monkeypatch.setattr(teams._Task, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt) as raised:
        run_team(part, 2)
    assert raised.value is errors[-1]
    assert done == [1]
    assert helper.ended
    assert teams._idle == []


def test_a_wait_can_begin_again_though_it_has_been_woken():
    helper, done = teams._Helper(), []
    helper.start(lambda: done.append(1))

    def wait():
        for _ in range(3):  # as if interrupts had come just when it was woken
            helper._task.wait()
        done.append(2)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(20)
    assert done == [1, 2]


def test_a_helper_that_is_dropped_ends_its_thread():
    helper = teams._Helper()
    last = helper._last
    del helper
    assert last._asleep.acquire(timeout=60)
    assert last.over


def test_helpers_keep_nothing_of_what_they_have_done(monkeypatch):
    class Kernel:
        def __call__(self, member):
            return member.size

    kernel = Kernel()
    gone = weakref.ref(kernel)
    monkeypatch.setattr(teams, "_idle", [])
    assert run_team(kernel, 3) == 3
    assert len(teams._idle) == 2
    del kernel
    latest = time.monotonic() + 60
    while gone() is not None and time.monotonic() < latest:
        time.sleep(0.001)
    assert gone() is None


def cores_of_members(size):
    """The cores that each member of a team may use."""
    cores = {}
    run_team(lambda member: cores.update({member.number: os.sched_getaffinity(0)}), size)
    return [cores[number] for number in range(size)]


@pytest.mark.skipif(teams._present_core is None, reason="threads can't be moved")
@pytest.mark.skipif(available_cores() < 2, reason="one core")
def test_helpers_use_other_cores_than_who_calls_them(monkeypatch):
    every = os.sched_getaffinity(0)
    for core in sorted(every)[:2]:
        monkeypatch.setattr(teams, "_present_core", lambda core=core: core)
        assert cores_of_members(2) == [every, every - {core}]
    assert cores_of_members(len(every) + 1) == [every] * (len(every) + 1)


@pytest.mark.skipif(teams._present_core is None, reason="threads can't be moved")
def test_helpers_keep_to_the_cores_of_who_calls_them():
    every = os.sched_getaffinity(0)
    one = {min(every)}
    try:
        os.sched_setaffinity(0, one)
        assert cores_of_members(2) == [one, one]
    finally:
        os.sched_setaffinity(0, every)
    assert cores_of_members(1) == [every]


def _train_in_child(queue):
    queue.put(trained(2))


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no safe fork")
def test_a_forked_child_trains_on():
    expected = trained(2)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_train_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == expected
    child.join(10)
    assert child.exitcode == 0

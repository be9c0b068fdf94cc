"""Two browsers at once on a machine, a few who wait, and nobody's place is lost with a process."""

from __future__ import annotations

import os

import pytest

from callbacks.print_queue import AT_ONCE, SEATS, Place, QueueFullError, seat, turn


def test_so_many_print_at_once_and_no_more(tmp_path):
    places = [Place(tmp_path) for _ in range(AT_ONCE + 1)]
    assert [p.begin() for p in places] == [True] * AT_ONCE + [False]
    places[0].leave()
    assert places[-1].begin()


def test_who_waits_comes_when_one_leaves(tmp_path):
    busy = [Place(tmp_path) for _ in range(AT_ONCE)]
    for place in busy:
        assert place.begin()
    with seat(tmp_path) as place:
        waiting = turn(place, step_s=0.01)
        assert next(waiting) is None
        assert next(waiting) is None
        busy[0].leave()
        assert list(waiting) == []  # its turn


def test_when_all_seats_are_taken_the_next_is_told_so(tmp_path):
    taken = [Place(tmp_path) for _ in range(SEATS)]
    assert all(place.sit() for place in taken)
    with pytest.raises(QueueFullError), seat(tmp_path):
        pass
    taken[3].leave()
    with seat(tmp_path):
        pass


def test_who_waits_too_long_is_told_so(tmp_path):
    for place in (busy := [Place(tmp_path) for _ in range(AT_ONCE)]):
        assert place.begin()
    with pytest.raises(QueueFullError):
        list(turn(Place(tmp_path), step_s=0.0, longest_s=0.01))
    assert len(busy) == AT_ONCE


def test_the_place_of_a_process_that_dies_is_free(tmp_path):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        held = [Place(tmp_path) for _ in range(AT_ONCE)]
        os.write(write, b"y" if all(p.begin() for p in held) else b"n")
        os._exit(9)
    assert os.read(read, 1) == b"y"
    os.waitpid(child, 0)
    os.close(read)
    os.close(write)
    assert Place(tmp_path).begin()


def test_a_seat_is_given_back_whatever_happens(tmp_path):
    def fails():
        with seat(tmp_path) as place:
            assert place.begin()
            raise ValueError("boom")

    for _ in range(SEATS + 1):
        with pytest.raises(ValueError, match="boom"):
            fails()

# SPDX-License-Identifier: MIT
"""test_neighbours.py - two guests that share frames, or only the processor.

See guests/neighbour.c for what each does. The books are checked while frames
are shared, in every order of ending, and at the end.
"""

import re

import pytest

from conftest import GUESTS, audit


@pytest.fixture
def pair(own_machine):
    """A machine with the neighbour's kernel."""
    machine = own_machine("--guest", f"n={GUESTS}/neighbour,memory=16")
    machine.settle()
    errors, machine.free, said = audit(machine)
    assert errors == 0, said
    return machine


def create(machine, name, role, *options):
    machine.ok(f"vane create {' '.join(options)} /guests/n.cfg "
               f"name='\"{name}\"' extra='\"{role}\"'")


def wait_for(machine, name, pattern):
    machine.until(f"cat /var/log/vane/guest-{name}.log", pattern)


def books(machine):
    errors, free, said = audit(machine)
    assert errors == 0, said
    return free


def share(machine):
    create(machine, "giver", "grant")
    create(machine, "taker", "map")
    wait_for(machine, "taker", r"mapped, 0 wrong")
    wait_for(machine, "giver", r"answered, all in use")
    books(machine)


def test_the_taker_ends_first(pair):
    share(pair)
    pair.ok("vane destroy taker")
    wait_for(pair, "giver", r"free again")
    books(pair)
    pair.ok("vane destroy giver")
    pair.until("vane list | wc -l", r"^2\n")
    assert books(pair) == pair.free


def test_the_giver_ends_first(pair, ours):
    """Its frames stay until the taker goes, and are as they were."""
    share(pair)
    assert "still use its memory" in pair.run("vane destroy giver").out
    kept = books(pair)
    pair.ok("sleep 1")
    assert "changed" not in pair.ok("cat /var/log/vane/guest-taker.log")
    # A new domain in its place gets none of them, and no say over them.
    create(pair, "third", "grant")
    wait_for(pair, "third", r"granted")
    books(pair)
    assert "changed" not in pair.ok("cat /var/log/vane/guest-taker.log")
    pair.ok("vane destroy third")
    pair.ok("vane destroy taker")
    pair.until("vane list | wc -l", r"^2\n")
    free = books(pair)
    assert free == pair.free
    assert kept < free


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_registers_stay_ones_own(own_machine, cpu):
    machine = own_machine("--cpu", cpu, "--guest",
                          f"n={GUESTS}/neighbour,memory=16")
    names = ("one", "two", "three")
    for name in names:
        create(machine, name, "registers", "-p")
    for name in names:
        machine.ok(f"vane unpause {name}")
    for name in names:
        wait_for(machine, name, r"rounds, \d+ wrong")
        out = machine.ok(f"cat /var/log/vane/guest-{name}.log")
        assert re.search(r"\d{4,} rounds, 0 wrong", out), out

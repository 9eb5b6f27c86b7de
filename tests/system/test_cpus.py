# SPDX-License-Identifier: MIT
"""test_cpus.py - many CPUs as the tools show and rule them, and how quickly
the control domain answers while all are busy.

Guest time, never the host's: these machines count instructions (icount), so
that a slow host cannot make a guest late, nor a fast one hide that it was.
"""

import re

import pytest

from conftest import GUESTS
from machine import OTHER, SLOW

BUSY = 16
CREATE = "vane create -p /guests/busy.cfg"
KEYS = "the quick brown fox jumps over the lazy dog"
# Upstream Xen and a Linux-like user space need a CPU without what TCG of some
# versions does wrong there.
MODEL = ["--cpu", "qemu64,+rdrand"]
LONG = 300 * SLOW


@pytest.fixture
def crowd(own_machine):
    """Two CPUs, and on them more busy guests than they can serve."""
    m = own_machine(
        "--icount", "--cpus", "2", *MODEL, "--guest",
        f"busy={GUESTS}/busy,memory=4",
        "--add", f"{GUESTS}/programs/keytime:/bin/keytime")
    for i in range(BUSY):
        m.ok(f"{CREATE} name=busy{i}", LONG)
    m.ok(f"for i in $(seq 0 {BUSY - 1}); do vane unpause busy$i; done", LONG)
    return m


def test_a_keystroke_echoes_within_50_ms(crowd):
    start = len(crowd.seen)
    crowd.type_line("keytime", LONG)
    crowd.wait_for(r"keytime: ready\n", start, LONG)
    for key in KEYS:
        start = len(crowd.seen)
        crowd.send(key)
        crowd.wait_for(re.escape(key), start, LONG)
    crowd.send("\n")
    said = crowd.wait_for(r"keytime: (\d+) keys, worst (\d+) us\n", start,
                          LONG)
    assert int(said.group(1)) == len(KEYS)
    assert int(said.group(2)) < 50000, said.group(0)


def test_a_busy_guest_is_destroyed_within_a_second(crowd):
    for i in (0, BUSY // 2, BUSY - 1):
        said = crowd.ok(f"time vane destroy busy{i}", LONG)
        took = re.search(r"real\s+(\d+)m ([\d.]+)s", said)
        assert int(took.group(1)) == 0 and float(took.group(2)) < 1, said

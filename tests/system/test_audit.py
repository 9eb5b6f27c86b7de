# SPDX-License-Identifier: MIT
"""test_audit.py - the audit finds what is broken, and what it costs.

A debug build of the hypervisor breaks one thing at a time for the duration of
one audit (PARAVANE_SPOIL_* in include/public/paravane.h), and mends it: each
must be found, and named. A second, clean audit shows that it was mended.
"""

import re

import pytest

from conftest import GUESTS, audit
from machine import ROOT, SLOW

# Number: what is broken, as the audit has to name it.
SPOILS = {
    1: "references",
    2: "uses of its type",
    3: "type",
    4: "owner",
    5: "a domain's list of frames",
    6: "references",
    7: "type",
    8: "a table entry",
    9: "a table entry",
    10: "a table entry",
    11: "a table entry",
    12: "the free list",
    13: "uses of grants",
    14: "a table entry",
    15: "the free list",
    16: "the free list",
    17: "its guest's number",
    18: "uses of its type",
    19: "uses of grants",
    20: "uses of grants",
    21: "references",
    22: "what a vCPU runs on",
    23: "what a vCPU runs on",
    24: "what a vCPU runs on",
}
# Instructions for each GiB of the machine's frames; the goal is 2 G.
LIMIT = 500_000_000


def test_every_kind_is_in_the_table():
    header = (ROOT / "include" / "public" / "paravane.h").read_text()
    last = re.search(r"PARAVANE_SPOIL_LAST\s+(\d+)", header)
    assert set(SPOILS) == set(range(1, int(last.group(1)) + 1))


def test_each_break_is_found(own_machine, debug, ours):
    machine = own_machine("--hypervisor", debug, "--guest",
                          f"h={GUESTS}/holder,memory=16")
    machine.ok("vane create /guests/h.cfg")
    machine.until("vane console --show h", "holder: holds 0")
    before = audit(machine)
    assert before[0] == 0, before[2]
    for number, name in SPOILS.items():
        said = machine.run(f"vane audit {number}").out
        found = re.search(r"errors [1-9].*\n.*domain \d+: (.*): counted", said)
        assert found and found.group(1) == name, f"{number}: {said}"
        assert audit(machine)[:2] == before[:2], f"after {number}"


def test_a_release_build_breaks_nothing(shell, ours):
    done = shell.run("vane audit 1")
    assert done.status == 1 and "refused the audit" in done.out


@pytest.mark.parametrize("memory, used", [(1024, 900), (4096, 3800)])
def test_the_cost_is_bounded(boot, ours, memory, used):
    """Of a machine whose memory is nearly all in use."""
    result = boot("--icount", "--cpu", "qemu64", "--memory", str(memory),
                  "--hv-args", f"dom0_mem={used}M", limit=300 * SLOW,
                  command="cat /proc/uptime; vane audit; cat /proc/uptime")
    assert result.status == 0, result
    lines = result.out.splitlines()
    seconds = float(lines[2].split()[0]) - float(lines[0].split()[0])
    frames = int(re.search(r"walked (\d+), errors 0,", lines[1]).group(1))
    assert frames >= memory * 256 - 64
    assert 0 < seconds * 1e9 < LIMIT * frames / 262144

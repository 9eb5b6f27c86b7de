# SPDX-License-Identifier: MIT
"""test_burglar.py - guests that try one way through the wall each; see
guests/burglar.c for the modes.

Afterwards a neighbour still runs, the books are right, and all frames are
back. One machine serves all modes: a hole is one that it does not survive.
"""

import re
import time

from conftest import GUESTS, audit, domains
from machine import SLOW

KERNEL = f"{GUESTS}/burglar"


def guest(name, mode, more=""):
    return ["--guest", f"{name}={KERNEL},extra={mode},memory=16{more}"]


def said(machine, name):
    return machine.ok(f"cat /var/log/vane/guest-{name}.log")


def cpu_time(machine, name):
    return float(machine.ok(f"vane list {name}").split()[-1])


def test_no_way_through_the_wall(own_machine, ours):
    machine = own_machine(
        *guest("masked", "masked"), *guest("segment", "segment"),
        *guest("rootless", "rootless", ",vcpus=2"),
        *guest("give", "give"), *guest("take", "take"))
    machine.settle()
    before = audit(machine)
    for name in ("masked", "segment", "rootless", "give"):
        machine.ok(f"vane create /guests/{name}.cfg on_crash='\"preserve\"'")
        machine.until(f"vane console --show {name}", "burglar:")

    # A handler that spins with events masked is scheduled like any other.
    assert "came back" not in said(machine, "masked")

    # Nor do handlers that cannot start keep the CPU, however deep the stack:
    # everybody leaves the hypervisor between two faults.
    machine.until("cat /var/log/vane/guest-segment.log", "stack without end: 0")
    before_time = cpu_time(machine, "segment")
    deadline = time.monotonic() + 600 * SLOW
    while cpu_time(machine, "segment") <= before_time:
        assert time.monotonic() < deadline, "the domain gets no time"
        machine.run("sleep 1")
    assert "c" not in domains(machine)["segment"][1]

    # A vCPU cannot start in user mode without a page table.
    machine.until("cat /var/log/vane/guest-rootless.log", "initialise -22")

    # Permission to read does not become permission to write.
    machine.ok("vane create /guests/take.cfg")
    out = machine.until("cat /var/log/vane/guest-take.log", "came back")
    assert re.search(r"mapped from [1-9]", out), out
    assert re.search(r"writable by address: -\d+", out), out
    assert re.search(r"writable by entry: -\d+", out), out
    assert "WRITTEN" not in said(machine, "give")

    for number, _ in domains(machine).values():
        machine.run(f"vane destroy {number}")
    machine.until("vane list | wc -l", r"^2\n")
    after = audit(machine)
    assert after[0] == 0, after[2]
    assert after[1] == before[1]

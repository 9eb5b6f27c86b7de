# SPDX-License-Identifier: MIT
"""test_linux.py - the life of Debian's kernel as a guest, on one CPU.

One machine for all tests, and one guest for those that leave it as it was.
Not here: its memory, its clocks, its vCPUs (test_linux_*.py); what a command
refuses (test_vane.py).
"""

import pytest

import linux_guest as linux
from conftest import Kept, audit, kept


class Host(Kept):
    """A control domain with the guest's files."""

    name, options = "linux-life", linux.OPTIONS

    def prepare(self):
        self.machine.settle()


_host = kept(Host)


@pytest.fixture
def host(request, _host):
    yield from _host.lend(request)


def test_it_boots_to_a_shell(host):
    with linux.Guest(host.machine) as guest:
        assert guest.ok("uname -v").endswith("Debian 6.1.192-2 (2026-11-16)\n")
        assert "xen:events: Using 2-level ABI" in guest.ok("dmesg")
        guest.check_log()


def test_its_event_channels_are_fifo_if_its_file_says_so(host):
    with linux.Guest(host.machine, "max_event_channels=131071 vcpus=2") as guest:
        assert "xen:events: Using FIFO-based ABI" in guest.ok("dmesg")
        # interrupts between its vCPUs, the timers' and the console's all arrive
        before = guest.ok("grep -E 'spinlock|resched|callfunc|timer' /proc/interrupts")
        guest.ok("for i in $(seq 60); do sleep 0.01 & (echo $i | cat >/dev/null); done; wait")
        assert guest.ok("grep -E 'spinlock|resched|callfunc|timer' /proc/interrupts") \
            != before
        assert guest.ok("grep -c xen-dyn /proc/interrupts").strip() != "0"
        guest.check_log()
    errors, _, said = audit(host.machine)
    assert errors == 0, said

# SPDX-License-Identifier: MIT
"""test_linux_memory.py - how much memory Debian's kernel has, gets and gives.

Rule: what goes to and fro is nobody's data: a program in the guest, and one in
a neighbour, check every word of theirs all the time. A guest that is out of
memory troubles nobody but itself.
Not here: 4 GiB, and large ramdisks (test_linux_build.py).
"""

import json
import re
import time

import pytest

import linux_guest as linux
from conftest import kept

# The kernel lies where it was linked to, and its start needs 75 MiB: with 80 it
# runs out of memory while it unpacks the initrd. Once it runs, some of this is
# free.
SMALLEST, LATER = 88, 80
# Too little with the 64 MiB of one program, and more than enough without: that
# one is killed, and not whom Linux would come upon next, which may be the shell.
TIGHT = 120


class Host(linux.Host):
    name, options = "linux-memory", linux.options(machine=3072)

    def start_guests(self):
        pair = [linux.Guest(self.machine, f"memory={memory}", name=name).start()
                for name, memory in (("linux", "256 maxmem=512"),
                                     ("neighbour", "128"))]
        for guest, held in zip(pair, (64, 32)):
            guest.login()
            guest.ok(f"memory hold {held} >/tmp/held 2>&1 &")
            guest.until(f"{linux.NAP}; cat /tmp/held", "held",
                        linux.BOOT_LIMIT)
            guest.leave()
        return pair


_host = kept(Host)


@pytest.fixture
def machine(request, _host):
    """For guests of the test's own."""
    yield from _host.lend(request)


@pytest.fixture
def pair(request, _host):
    """A guest of 256 MiB that may have 512, and a neighbour, where programs
    hold 64 and 32 MiB and check them."""
    yield from _host.lend_guests(request)


def total(guest):
    """MiB that Linux thinks it has for itself."""
    return int(re.search(r"MemTotal: +(\d+)", guest.ok("cat /proc/meminfo"))[1]
               ) // 1024


def until_total(guest, mib, limit=linux.BOOT_LIMIT):
    """The hypervisor's count changes before Linux's own is done."""
    deadline = time.monotonic() + limit
    while total(guest) != mib:
        assert time.monotonic() < deadline, (total(guest), mib)
        guest.ok(linux.NAP)


def listed(guest, mib, limit=linux.BOOT_LIMIT):
    guest.leave()
    guest.machine.until(f"{linux.NAP}; vane list {guest.name}",
                        rf"{guest.name} +\d+ +{mib} ", limit)


def set_limit(guest, mib):
    """The hypervisor's own, which `vane list` then shows."""
    guest.leave()
    guest.machine.ok(f"vane mem-max {guest.name} {mib}")
    row, = json.loads(guest.machine.ok(f"vane list --json {guest.name}"))
    assert row["max_memory_kib"] == mib * 1024, row


def holds(guest, mib):
    """The program is still there, and found nothing changed."""
    assert guest.ok("cat /tmp/held") == "memory: held\n"
    guest.ok("kill $(pidof memory)")
    said = guest.until("cat /tmp/held", "rounds", linux.BOOT_LIMIT)
    assert re.search(rf"held\nmemory: [1-9]\d* rounds, {mib} MiB", said), said


def test_too_little_is_refused(machine):
    done = machine.run("vane create /guests/linux.cfg memory=64")
    assert done.status == 3
    assert re.search(r"does not fit its memory: it needs \d+ KiB at the start "
                     r"and the domain has 65536 KiB", done.out)


def test_with_the_least(machine):
    """And with less, once it runs."""
    guest = linux.Guest(machine, f"memory={SMALLEST}").boot()
    assert guest.ok("seq 1000 | sort -n | tail -1") == "1000\n"
    guest.check_log()
    listed(guest, SMALLEST)
    machine.ok(f"vane mem-set linux {LATER}")
    listed(guest, LATER)
    assert guest.ok("seq 1000 | sort -n | tail -1") == "1000\n"
    guest.leave()


def test_with_a_gibibyte(machine):
    with linux.Guest(machine, "memory=1024") as guest:
        assert 900 < total(guest) < 1024
        guest.check_log()
        listed(guest, 1024)


def test_it_gives_and_takes_while_it_works(pair):
    guest = pair[0]
    before = total(guest)
    for target in (160, 512, 200, 256):
        guest.leave()
        guest.machine.ok(f"vane mem-set linux {target}")
        listed(guest, target)
        until_total(guest, before + target - 256)
    holds(guest, 64)
    guest.check_log()


def test_it_cannot_have_more_than_maxmem(pair):
    guest = pair[0]
    guest.leave()
    assert guest.machine.run("vane mem-set linux 513").status != 0
    listed(guest, 256)
    set_limit(guest, 300)
    # Wider than maxmem, it still gives the guest no more.
    set_limit(guest, 600)
    assert guest.machine.run("vane mem-set linux 513").status != 0
    listed(guest, 256)
    guest.check_log()


def test_it_is_asked_for_more_than_it_has_to_spare(pair):
    """It gives what a program of its own had, if need be, and goes on; what it
    gave comes back."""
    guest = pair[0]
    guest.ok("memory hold 64 >/tmp/held 2>&1 &")
    guest.until(f"{linux.NAP}; cat /tmp/held", "held", linux.BOOT_LIMIT)
    guest.leave()
    guest.machine.ok(f"vane mem-set linux {TIGHT}")
    guest.until("dmesg", "Out of memory: Killed process .*memory",
                linux.BOOT_LIMIT)
    listed(guest, TIGHT)
    assert guest.ok("echo alive") == "alive\n"
    guest.leave()
    guest.machine.ok("vane mem-set linux 256")
    listed(guest, 256)
    assert guest.ok("echo alive") == "alive\n"


def test_out_of_memory_inside_stays_inside(pair):
    guest, neighbour = pair
    guest.ok("dmesg -c >/dev/null")
    assert guest.run("memory eat", linux.BOOT_LIMIT).status == 137
    guest.until("dmesg", r"Out of memory: Killed process .*memory")
    assert guest.ok("echo alive") == "alive\n"
    listed(guest, 256)
    holds(neighbour, 32)
    neighbour.check_log()
    neighbour.leave()


def test_out_of_memory_can_be_a_panic(pair):
    guest = pair[0]
    guest.ok("sysctl -w vm.panic_on_oom=1")
    guest.last("memory eat")
    guest.gone()
    guest.wait_log("Kernel panic - not syncing: Out of memory")

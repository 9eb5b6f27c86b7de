# SPDX-License-Identifier: MIT
"""test_linux_cpus.py - Debian's kernel with several vCPUs, on two CPUs and on one.

Its own stress (tests/linux/stress) checks what it computes; here, meanwhile,
vCPUs are pinned, paused, taken and given. Each machine has one guest for all of
its tests, in their order. Not here: the scheduler's promises (test_cpus.py).
"""

import os
import re
import time

import pytest

import linux_guest as linux
from conftest import GUESTS, audit
from machine import SLOW, Machine

CPUS = "/sys/devices/system/cpu"
# `make soak` wants more.
SECONDS = int(os.environ.get("PARAVANE_STRESS_SECONDS", "12"))
LONG = 1800 * SLOW + 2 * SECONDS
# Until the stress is under way.
STRESSED = "while [ $(ps | grep -c [s]tress) -lt 12 ]; do sleep 1; done"


class Host:
    """A machine, and Debian on it with four vCPUs that can be six."""

    def __init__(self, cpus):
        self.machine = Machine(
            f"linux-cpus-{cpus}", *linux.OPTIONS, "--cpus", cpus,
            "--guest", f"busy={GUESTS}/busy,memory=4,vcpus=2")
        self.machine.settle()
        self.free = audit(self.machine)[1]
        self.linux = linux.Guest(self.machine, "vcpus=4 maxvcpus=6").boot()

    def vane(self, command):
        self.linux.leave()
        return self.machine.ok(f"vane {command}", LONG)

    def up(self):
        """The vCPUs that vane takes for up."""
        rows = re.findall(r"^linux +\d+ +(\d+) +\S+ +(\S+) ",
                          self.vane("vcpu-list linux"), re.M)
        assert [int(v) for v, _ in rows] == list(range(6)), rows
        return [int(v) for v, state in rows if state != "--p"]

    def until_up(self, wanted):
        """Linux's own mask changes before its vCPUs do."""
        deadline = time.monotonic() + LONG
        while self.up() != wanted:
            assert time.monotonic() < deadline, self.vane("vcpu-list linux")
            self.machine.ok(linux.NAP)

    def until_there(self, cpus):
        """The rest is put down, and its files are gone as well."""
        self.linux.until(f"cat {CPUS}/online {CPUS}/present",
                         rf"^{cpus}\n{cpus}\n", LONG)

    def online(self):
        return self.linux.ok(f"cat {CPUS}/online").strip()

    def finish_stress(self):
        """What the stress comes to, in guest and hypervisor."""
        said = self.linux.ok("wait; cat /stress.log", LONG)
        assert "stress: all right" in said and "status 0" in said, said
        self.linux.check_log()

    def check_books(self):
        errors, free, said = audit(self.machine)
        assert errors == 0, said
        assert free == self.free, f"{self.free} frames before, {free} after"
        log = self.machine.log()
        assert not re.search(r"\(pv\) (panic|watchdog|.*crash)", log), log


def a_host(cpus):
    @pytest.fixture(scope="module")
    def fixture():
        one = Host(cpus)
        yield one
        one.machine.close()
    return fixture


two, one = a_host(2), a_host(1)


def test_four_of_six_are_up(two):
    """Linux starts all six, then puts down those that it shall not use."""
    assert two.linux.ok(f"cat {CPUS}/possible") == "0-5\n"
    two.until_there("0-3")
    two.linux.ok("dmesg | grep -q 'xen: PV spinlocks enabled'")
    two.until_up([0, 1, 2, 3])


def test_it_takes_them_off_and_on_line(two):
    for number in 1, 3:
        two.linux.ok(f"echo 0 >{CPUS}/cpu{number}/online")
    assert two.online() == "0,2"
    assert two.up() == [0, 2]
    for number in 3, 1:
        two.linux.ok(f"echo 1 >{CPUS}/cpu{number}/online")
    assert two.online() == "0-3"
    assert two.up() == [0, 1, 2, 3]
    for number in 0, 1, 2, 3:
        assert two.linux.ok(f"taskset {1 << number:x} cut -d' ' -f39 "
                            "/proc/self/stat") == f"{number}\n"


def test_vane_takes_and_gives_them(two):
    """What is given is there; going on line is for Linux's user space to say."""
    two.vane("vcpu-set linux 2")
    two.until_there("0-1")
    two.until_up([0, 1])
    two.vane("vcpu-set -i linux 6")
    two.linux.until(f"cat {CPUS}/present", r"^0-5\n", LONG)
    for number in 2, 3, 4, 5:
        two.linux.ok(f"echo 1 >{CPUS}/cpu{number}/online")
    assert two.online() == "0-5"
    assert two.up() == [0, 1, 2, 3, 4, 5]
    two.vane("vcpu-set -i linux 4")
    two.until_there("0-3")


def test_stress(two):
    """While they go off and on line, are pinned elsewhere, and stand still."""
    two.linux.ok(f"stress-cpus {SECONDS} 1 &")
    for turn in range(max(8, SECONDS // 4)):
        two.vane(f"vcpu-pin linux {turn % 4} {turn // 2 % 2}")
        two.vane(f"vcpu-pin linux {(turn + 1) % 4} all {turn % 2}")
        if turn % 3 == 0:
            two.vane("pause linux")
            two.vane("unpause linux")
    two.vane("vcpu-pin linux all all all")
    two.finish_stress()
    assert two.online() == "0-3"


def test_it_is_destroyed_under_stress(two):
    two.linux.ok("stress-cpus 1000 2 &", LONG)
    two.linux.ok(STRESSED, LONG)
    two.linux.destroy()
    two.check_books()


def test_who_waits_for_a_lock_gives_the_cpu_up(one):
    """The holder of the lock may not be running: there is only one CPU."""
    one.linux.ok("locks 4 &")
    said = one.vane("strace -n 5 -e SCHEDOP_poll linux")
    assert len(re.findall(r"SCHEDOP_poll, \{nr_ports=1, .*\) = 0 ", said)) == 5, said
    one.linux.ok("killall locks", LONG)


def test_one_cpu_and_a_noisy_neighbour(one):
    assert one.online() == "0-3"
    one.vane("create /guests/busy.cfg")
    one.linux.ok(f"stress-cpus {SECONDS} 3 &")
    one.finish_stress()
    one.vane("destroy busy")


def test_its_panic_stops_all_vcpus(one):
    one.linux.ok("echo 1 >/proc/sys/kernel/sysrq")
    one.linux.ok("stress 1000 4 &", LONG)
    one.linux.ok(STRESSED, LONG)
    one.vane("sysrq linux c")
    one.machine.until("vane list", r"\A(?!(.*\n)*linux )", LONG)
    said = one.machine.ok(f"cat {one.linux.log_path}", LONG)
    assert "sysrq: Trigger a crash" in said, said[-3000:]
    assert "Kernel panic - not syncing" in said, said[-3000:]
    one.check_books()

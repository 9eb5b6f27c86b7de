# SPDX-License-Identifier: MIT
"""test_debian.py - a whole Debian as a guest: systemd, apt, Python, programs.

One machine and one guest for all tests, in their order: the last two boot it
again and end it. It has one vCPU: four take half as much again of the host's
time until systemd is done, and have a file of their own.
Not here: what is in its ramdisk (scripts/lib/debian.py), the kernel alone
(test_linux*.py), several vCPUs (test_linux_cpus.py).
"""

import hashlib
import re
import sys

import pytest

import linux_guest as linux
from conftest import Kept, kept
from machine import BUILD, ROOT, SLOW

sys.path.insert(0, str(ROOT / "scripts"))

from lib import debian  # noqa: E402

FOLDER = BUILD / "debian"
# systemd must not take a slow host for a service that hangs.
EXTRA = f"{linux.EXTRA} systemd.service_watchdogs=no"
LIMIT = 1800 * SLOW
LINES = 200000
# Of Python's own tests, the few that want an answer within 10 ms, or 5 s.
HASTY = ("test_control_and_wait", "test_unregister_closed", "test_timeout")
# Programs that change the numbers' text, and give back what they were given.
ROUND_TRIPS = ("gzip -1 | gzip -dc", "base64 | base64 -d", "tac | tac",
               "sort | sort -n", "sed s/^/x/ | sed s/^x//",
               "tr 0-9 a-j | tr a-j 0-9", "perl -pe chomp,s/\\$/z/ | tr z \\\\n",
               "dd bs=777 status=none")


class Host(Kept):
    """A machine with Debian running on it, and root logged in."""

    name = "debian"
    options = ("--hv-args", linux.HV_PATIENCE,
               "--guest", f"debian={FOLDER}/vmlinuz,memory=768,"
               f"ramdisk={FOLDER}/initrd,extra={EXTRA}")

    def get(self):
        for name in ("vmlinuz", "initrd"):
            assert (FOLDER / name).exists(), \
                f"no {FOLDER / name}: `make debian-guest` makes it"
        return super().get()

    def prepare(self):
        self.machine.settle()
        self.guest = linux.Guest(self.machine, "on_reboot=restart", "debian",
                                 "debian")
        self.guest.start()
        self.guest.login(LIMIT)


_host = kept(Host)


@pytest.fixture
def host(request, _host):
    yield from _host.lend(request)


def started(guest):
    """What systemd says once it has started everything that it wants."""
    said = guest.run("systemctl is-system-running --wait", LIMIT).out
    failed = guest.ok("systemctl --failed --no-pager --plain", LIMIT)
    assert said == "running\n", failed
    assert "0 loaded units listed" in failed


def test_systemd_starts_all_of_its_units(host):
    started(host.guest)
    assert host.guest.ok("systemd-detect-virt; id -un") == "xen\nroot\n"


def test_apt_lists_packages_without_a_network(host):
    # Into a pipe, or it is in colours.
    installed = host.guest.ok("apt list --installed 2>&1 | cat", LIMIT)
    known = host.guest.ok("dpkg-query -W", LIMIT)
    names = re.findall(r"^(\S+)/\S+ \S+ (?:amd64|all) \[installed", installed,
                       re.M)
    assert len(names) > 100
    assert sorted(names) == sorted(
        line.split()[0].split(":")[0] for line in known.splitlines())
    # Of one that is not installed.
    assert host.guest.ok("apt-cache search --names-only '^cron$'", LIMIT) == \
        "cron - process scheduling daemon\n"


def test_python_passes_its_own_tests(host):
    words = [*(f"-i {name}" for name in HASTY), *debian.PYTHON_RUN]
    said = host.guest.ok(f"cd /tmp; python3 -m test {' '.join(words)}", LIMIT)
    assert "Tests result: SUCCESS" in said, said[-3000:]
    passed = re.search(r"All (\d+) tests OK", said)
    assert passed and int(passed.group(1)) == len(debian.PYTHON_RUN), said


def test_programs_give_back_what_they_were_given(host):
    numbers = "".join(f"{n}\n" for n in range(1, LINES + 1)).encode()
    wanted = hashlib.sha256(numbers).hexdigest()
    # All at once; a sum is written in one piece.
    line = " ".join(f"( {one} ) < numbers | sha256sum &"
                    for one in ROUND_TRIPS)
    host.guest.ok(f"cd /tmp; seq {LINES} > numbers")
    said = host.guest.ok(f"( {line} wait ) | sort | uniq -c", LIMIT)
    assert said.split() == [str(len(ROUND_TRIPS)), wanted, "-"]


def test_linux_complains_of_nothing(host):
    host.guest.check_log()
    # The kernel's modules are no part of the ramdisk.
    said = host.guest.ok("journalctl -q --no-pager -p err | cat", LIMIT)
    assert [line for line in said.splitlines()
            if line and "find module 'autofs4'" not in line] == []


def test_a_complaint_would_be_noticed():
    for line in ("[    1.0] WARNING: CPU: 0 PID: 1 at arch/x86/xen/mmu_pv.c:1",
                 "[    1.0] xen:grant_table: Failed to grow",
                 "[    1.0] BUG: unable to handle page fault"):
        assert linux.trouble(f"[    0.9] Booting kernel on Xen\n{line}") == \
            [line]


def test_it_reboots(host):
    guest = host.guest
    first = guest.number()
    host.machine.ok("vane reboot -w debian", LIMIT)
    guest.until_it(lambda g: g.number() not in (None, first), LIMIT)
    guest.login(LIMIT)
    started(guest)
    guest.check_log()


def test_it_shuts_down_and_leaves_nothing_behind(host):
    guest = host.guest
    guest.leave()
    said = host.machine.ok("vane shutdown -w debian", LIMIT)
    assert "has been shut down, reason code 0" in said
    guest.gone()
    # There is no way to switch the power off: the kernel halts, and that is it.
    guest.wait_log("reboot: System halted")
    assert "errors 0," in host.machine.ok("vane audit")
    # And the hypervisor has had nothing to say since its own start.
    later = host.machine.log().rpartition("ticks from entry to the first")[2]
    assert "(pv)" not in later, later

# SPDX-License-Identifier: MIT
"""test_processors.py - the machine's CPUs: that all come up, in either mode of
their interrupt controllers; that one which does not is left out; that their
clocks agree; that one which is stuck is reported, and that all stop together.

Not here: what runs on them (test_cpus.py), the CPUs under load (races).
"""

import functools
import re
import subprocess

import pytest

from conftest import GUESTS
from machine import BUILD, SLOW

END = ["--first", f"{GUESTS}/rogue", "--first-args", "end"]
LONG = 300 * SLOW
SYMBOLS = BUILD / "debug" / "hypervisor" / "paravane.sym"


@functools.lru_cache
def qemu_version():
    said = subprocess.run(["qemu-system-x86_64", "--version"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return int(re.search(r"version (\d+)\.", said).group(1))


def check_processors(log, cpus, listed=None):
    """All of them, numbered from 0, each with a clock that is the first's."""
    assert f"processors: {cpus} of {listed or cpus}\n" in log, log
    numbers = re.findall(r"\(pv\) CPU (\d+): APIC id (\d+), clock equal", log)
    assert [int(n) for n, _ in numbers] == list(range(1, cpus)), log
    assert len({apic for _, apic in numbers}) == cpus - 1, log
    assert "watchdog" not in log and "corrected" not in log, log


@pytest.mark.parametrize("cpus", range(1, 9))
def test_every_processor_comes_up(boot, ours, cpus):
    result = boot(*END, "--cpus", cpus, limit=LONG)
    assert result.status == 0, result
    check_processors(result.log, cpus)


@pytest.mark.parametrize("cpus", [3, 8])
@pytest.mark.parametrize("options", [
    ["--cpu", "qemu64"], ["--icount", "--cpu", "qemu64"], ["--icount"],
    ["--cpu", "max,-x2apic"]], ids=" ".join)
def test_kinds_of_machines(boot, ours, cpus, options):
    result = boot(*END, "--cpus", cpus, *options, limit=LONG)
    assert result.status == 0, result
    check_processors(result.log, cpus)
    assert "interrupts: xAPIC\n" in result.log


@pytest.mark.parametrize("cpus", [1, 4])
def test_x2apic(boot, ours, cpus):
    """Timer, console and interrupts from CPU to CPU by MSR."""
    if qemu_version() < 9:
        pytest.skip("x2APIC needs QEMU 9 or newer")
    result = boot("--cpus", cpus, "--cpu", "max", limit=LONG,
                  command="sleep 1; vane list; vane audit")
    assert result.status == 0, result
    assert "interrupts: x2APIC\n" in result.log
    check_processors(result.log, cpus)


def kept(result):
    return int(re.search(r"memory: (\d+) pages kept", result.log).group(1))


@pytest.mark.parametrize("broken, option, why", [
    (1, "fail-cpu", "it does not answer"), (3, "fail-cpu", "it does not answer"),
    (1, "hang-cpu", "it got stuck on its way"),
    (2, "hang-cpu", "it got stuck on its way")])
def test_one_that_does_not_come_up_is_left_out(boot, ours, debug, broken,
                                               option, why):
    """It halts in its first lines, as if the call had reached another one; or
    loops a little later, and the next one gets its block."""
    result = boot("--hypervisor", debug, "--cpus", 4,
                  "--hv-args", f"{option}={broken}", limit=LONG,
                  command="vane info; vane audit")
    assert result.status == 0, result
    assert f"CPU with APIC id {broken} left out: {why}\n" in result.log
    check_processors(result.log, 3, listed=4)
    assert re.search(r"nr_cpus +: 3\n", result.out), result.out
    assert " errors 0," in result.out
    three = boot("--hypervisor", debug, "--cpus", 3, limit=LONG, command="true")
    # Its block was freed; what is left may be one table that maps it.
    assert 0 <= kept(result) - kept(three) <= 1


def test_fewer_than_there_are(boot, ours):
    result = boot(*END, "--cpus", 4, "--hv-args", "maxcpus=2")
    assert result.status == 0, result
    check_processors(result.log, 2, listed=4)


def test_the_clock_is_one_on_all(own_machine, ours):
    """The control domain's clock, while it moves from CPU to CPU."""
    m = own_machine("--cpus", "4")
    out = m.ok("for i in 1 2 3 4 5 6 7 8; do for c in 0 1 2 3; do vane "
               "vcpu-pin Domain-0 0 $c; echo up $(cat /proc/uptime); done; "
               "done", LONG)
    seen = [float(t) for t in re.findall(r"up ([\d.]+)", out)]
    assert len(seen) == 32 and seen == sorted(seen), seen
    assert "corrected" not in m.log()


@pytest.mark.parametrize("cpu", [0, 3])
@pytest.mark.parametrize("command, status, word", [
    ("poweroff", 0, "is done: power off"),
    ("reboot", 125, "asks for a restart")])
def test_the_machine_ends_from_any_processor(own_machine, ours, cpu, command,
                                             status, word):
    m = own_machine("--cpus", "4")
    m.ok(f"vane vcpu-pin Domain-0 0 {cpu}")
    m.send(f"{command}\n")
    assert m.process.wait(timeout=LONG) == status
    assert m.log().rstrip().endswith(word)


def symbols():
    """[(address, name)] of the debug build's functions, ascending."""
    said = subprocess.run(["nm", "-n", str(SYMBOLS)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return [(int(words[0], 16), words[2]) for words in
            (line.split() for line in said.splitlines()) if words[1] in "tT"]


def names(text):
    """The functions that addresses in a report lie in."""
    table = symbols()
    found = set()
    for number in re.findall(r"\bffff82d04[0-9a-f]{7}\b", text):
        at = int(number, 16)
        below = [name for start, name in table if start <= at]
        found.add(below[-1] if below else "")
    return found


@pytest.mark.parametrize("options", [
    ["--cpus", "1", "--hv-args", "watchdog_timeout=2 watchdog"],
    ["--cpus", "2", "--hv-args", "watchdog_timeout=2"],
    ["--cpus", "4", "--hv-args", "watchdog_timeout=2 watchdog"],
], ids=["one by NMI", "two", "four and NMI"])
def test_a_stuck_processor_is_reported(own_machine, ours, debug, options):
    """By a clock that counts instructions: a host that lets one CPU of the
    machine wait for two seconds would have that one reported, too."""
    m = own_machine("--icount", "--hypervisor", debug, *options,
                    "--add", f"{GUESTS}/programs/stuck:/bin/stuck")
    assert "watchdog" not in m.log().split("loaded by")[1].replace(
        "watchdog_timeout", "")
    start = len(m.log())
    assert "free again" in m.ok("stuck 4", LONG)
    m.ok("sleep 2", LONG)
    said = m.log()[start:]
    late = re.findall(r"watchdog: CPU (\d+) has not looked at its clock for "
                      r"(\d+) ms", said)
    assert len(late) == 1 and int(late[0][1]) >= 2000, said
    report = said[said.index("is inside the hypervisor at"):]
    assert f"watchdog: CPU {late[0][0]} is inside the hypervisor" in said
    assert re.search(r"rip e008:ffff82d04", report), report
    # Where it is, and how it came there.
    assert names(report) & {"sysctl_paravane", "stuck"}, names(report)
    # It goes on, and is watched as before.
    assert "free again" in m.ok("stuck 4", LONG)
    m.ok("sleep 2", LONG)
    assert m.log().count("is inside the hypervisor at") == 2


def test_a_bug_stops_all_processors(own_machine, ours, debug):
    m = own_machine("--hypervisor", debug, "--cpus", "4", "--guest",
                    f"busy={GUESTS}/busy,memory=4,vcpus=3",
                    "--add", f"{GUESTS}/programs/stuck:/bin/stuck")
    m.ok("vane create /guests/busy.cfg")
    m.send("stuck bug\n")
    m.process.wait(timeout=LONG)
    said = m.log()
    report = said[said.index("panic: "):]
    assert report.count("panic: ") == 1 and "s->bug" in report, report
    assert "still running" not in report, report
    assert re.search(r"CPU \d rsp ffff82d06", report), report
    assert report.rstrip().endswith("(pv) the machine is halted (noreboot)")

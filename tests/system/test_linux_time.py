# SPDX-License-Identifier: MIT
"""test_linux_time.py - Debian's kernel and its clocks, on two CPUs.

Two boots: one guest whose RDTSC is the machine's (the default), and one that
has it emulated, which begins after the control domain set the date.
`clocks` is tests/linux/programs/clocks.c.
Not here: the ABI's clocks rule by rule (tests/conformance/clocks).
"""

import re

import pytest

import linux_guest as linux
from conftest import audited
from machine import SLOW, Machine

# One sleep of many is not later than that, in microseconds.
LATE = 5000
NEW_DATE = 1900000000


@pytest.fixture(scope="module")
def machine(request):
    with audited(request, Machine("linux-time", "--cpus", 2,
                                  *linux.OPTIONS)) as m:
        yield m


@pytest.fixture(scope="module")
def native(machine):
    # All of Linux's own log is on the console, and so in the guest's log.
    guest = linux.Guest(machine,
                        f"vcpus=2 'extra={linux.EXTRA} ignore_loglevel'",
                        name="native").boot()
    # But none of it between the lines of what a test asks for.
    guest.ok("echo N >/sys/module/printk/parameters/ignore_loglevel")
    yield guest
    guest.destroy()


@pytest.fixture(scope="module")
def emulated(machine, native):
    native.leave()
    # Linux takes the date from the machine when it starts, and never again.
    machine.ok(f"date -s @{NEW_DATE}")
    guest = linux.Guest(machine, "vcpus=2 tsc_mode=always_emulate",
                        name="emulated").boot()
    yield guest
    guest.destroy()


def clocks(guest, words):
    """{key: number} that the program says."""
    said = guest.ok(f"clocks {words}", 600 * SLOW)
    return {key: int(n) for key, n in re.findall(r"(\w+)=(-?\d+)", said)}


def lost(guest):
    """Seconds that Linux missed at its start: until it takes Xen's clock it
    counts ticks, and on a busy host not all of them come. When it is sure of
    the clock its log tells by how much the two differ."""
    found = re.search(r"Marking stable \(.*\)->\(\d+, (-?\d+)\)", guest.ok("dmesg"))
    return -int(found.group(1)) / 1e9


def dates_agree(guest):
    """The guest's date is the control domain's, but for what it lost."""
    guest.leave()
    before = int(guest.machine.ok("date +%s"))
    there = int(guest.ok("date +%s")) + lost(guest)
    guest.leave()
    after = int(guest.machine.ok("date +%s"))
    assert before - 1 <= there <= after + 1


def never_back(guest, seconds):
    """No clock goes back from one vCPU to another; `clocks race` says more."""
    found = clocks(guest, f"race {seconds}")
    assert found["cpus"] == 2 and found["reads"] >= 8000, found
    assert not (found["back_mono"] or found["back_real"] or
                found["back_tsc"]), found


def sleeps_well(guest):
    """None is short, and there are some that are little longer."""
    found = clocks(guest, f"sleep {LATE}")
    assert found["early"] == 0, found
    assert found["least_late_us"] < LATE, found


def test_its_clock_is_xens(native):
    assert native.ok("cat /sys/devices/system/clocksource/clocksource0/"
                     "current_clocksource") == "xen\n"


def test_its_date_is_the_machines(native):
    dates_agree(native)


def test_a_sleep_is_not_short_and_little_longer(native):
    sleeps_well(native)


def test_its_clocks_never_go_back(native):
    never_back(native, 4)


def test_its_clocks_never_go_back_under_load(native):
    native.ok("for i in 1 2 3; do while :; do :; done & done")
    # Each of them has run for a tick at least.
    native.until("for job in $(jobs -p); do cut -d' ' -f14 /proc/$job/stat; done",
                 r"^([1-9]\d*\s+){3}$")
    never_back(native, 4)
    native.ok("kill $(jobs -p)")


def test_the_counter_is_the_machines(native):
    """In 64-bit and in 32-bit code, at the rate that the log tells."""
    found = clocks(native, "counter")
    mhz = float(re.search(r"Detected ([\d.]+) MHz processor",
                          native.log()).group(1))
    for key in ("khz", "khz32"):
        assert found[key] == pytest.approx(mhz * 1000, rel=0.01), found
    assert found["same"] == 0, found


def test_it_does_not_wait_for_a_timer_that_is_not_there(machine, native):
    """A port 0x42 that answered all ones would have Linux read it 100,000 times.
    Between the two lines of its log that lie around the calibration less time
    passes than 30,000 reads take; in one of some boots, for the host may stand
    still in between."""
    found = clocks(native, "port 0x42")
    assert found["value"] == found["value32"] == 0, found

    def waited(guest):
        log = guest.log()
        begin, end = (float(re.search(rf"\[ *([\d.]+)\] {line}", log).group(1))
                      for line in ("Hypervisor detected: Xen PV",
                                   r"tsc: Detected [\d.]+ MHz"))
        return (end - begin) * 1e9

    times = [waited(native)]
    while min(times) >= 30000 * found["ns"] and len(times) < 10:
        again = linux.Guest(machine, name=f"again{len(times)}").start()
        again.wait_log("sched_clock: Marking stable")
        times.append(waited(again))
        again.destroy()
    assert min(times) < 30000 * found["ns"], (times, found)


def test_time_goes_on_while_it_is_paused(machine, native):
    """Ten seconds that it does not run are ten seconds, and never less; nor are
    they more than what the control domain sees pass meanwhile."""
    def uptime():
        return float(machine.ok("cut -d' ' -f1 /proc/uptime"))

    native.leave()
    begin = uptime()
    native.ok("clocks watch >/tmp/watch &")
    native.until("cat /tmp/watch", "watching")
    native.leave()
    machine.ok("vane pause native; sleep 10; vane unpause native",
               300 * SLOW)
    native.ok("kill $(pidof clocks)")
    said = native.until("cat /tmp/watch", "gap_ms=", linux.BOOT_LIMIT)
    native.leave()
    seen = (uptime() - begin) * 1000
    gap, back, all_of_it = map(int, re.search(
        r"gap_ms=(\d+) back=(\d+) ms=(\d+)", said).groups())
    # The rates may differ a little, as may the last digit.
    assert 10000 <= gap <= all_of_it <= seen * 1.01 + 100, (said, seen)
    assert back == 0, said
    dates_agree(native)
    never_back(native, 2)


def test_linux_and_the_hypervisor_have_nothing_to_complain(machine, native):
    native.check_log()
    native.leave()
    said = machine.ok("vane dmesg")
    assert not re.search(r"^\(pv\) (d[1-9]|domain [1-9]|clock: CPU)", said,
                         re.M), said


def test_a_new_date_is_for_those_that_start_later(emulated, native):
    dates_agree(emulated)
    there = int(native.ok("date +%s"))
    assert there < NEW_DATE, there
    native.leave()


def test_an_emulated_counter_fits_its_clock(emulated):
    """No two reads are the same, and the rate is the machine's, in 64-bit and
    in 32-bit code. That it is emulated conformance suite clocks sees."""
    found = clocks(emulated, "counter")
    mhz = float(re.search(r"Detected ([\d.]+) MHz processor",
                          emulated.ok("dmesg")).group(1))
    for key in ("khz", "khz32"):
        assert found[key] == pytest.approx(mhz * 1000, rel=0.01), found
    assert found["same"] == 0, found


def test_clocks_of_an_emulated_counter_never_go_back(emulated):
    assert emulated.ok("cat /sys/devices/system/clocksource/clocksource0/"
                       "current_clocksource") == "xen\n"
    never_back(emulated, 4)
    sleeps_well(emulated)
    emulated.check_log()

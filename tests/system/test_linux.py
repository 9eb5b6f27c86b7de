# SPDX-License-Identifier: MIT
"""test_linux.py - the life of Debian's kernel as a guest, on one CPU.

One machine for all tests; the first ones share a guest, the others end theirs,
and then the audit must be clean and every frame be free again.
Not here: its memory, its clocks, its vCPUs (test_linux_*.py); what a command
refuses (test_vane.py).
"""

import hashlib
import re

import pytest

import linux_guest as linux
from conftest import kept
from machine import BUILD, PROMPT

SMALL = "memory=128"
# Debian's kernel lets only some of the magic keys work, unless it is told so.
KEYS = f"{SMALL} extra='{linux.EXTRA} sysrq_always_enabled'"


class Host(linux.Host):
    """Its kernel twice: unpacked, and as Debian packs it."""

    name = "linux-life"
    options = linux.OPTIONS + (
        "--guest", f"debian={BUILD}/linux/vmlinuz,ramdisk={linux.INITRD},"
        f"memory=256,extra={linux.EXTRA}")

    def start_guests(self):
        return [linux.Guest(self.machine, config="debian").boot()]


_host = kept(Host)


@pytest.fixture
def machine(request, _host):
    """For guests of the test's own."""
    yield from _host.lend(request)


@pytest.fixture
def guest(request, _host):
    """A guest that was logged in to, and still is after the test."""
    for guests in _host.lend_guests(request):
        yield guests[0]


def crash(guest):
    """By the key, as soon as its kernel listens for one."""
    guest.wait_log("clocksource: Switched")
    guest.machine.ok(f"vane sysrq {guest.name} c")


def test_it_boots_as_debian_packs_it(guest):
    assert re.search(r"Debian 6\.1\.", guest.ok("uname -v"))
    assert guest.ok("tty; nproc") == "/dev/hvc0\n1\n"
    assert "xen:events: Using 2-level ABI" in guest.ok("dmesg")
    guest.check_log()
    guest.until_it(lambda g: "b" in g.state())


def test_only_who_knows_the_password_logs_in(guest):
    shell = guest.machine

    def say(line, answer):
        start = len(shell.seen)
        shell.type_line(line)
        shell.wait_for(answer, start, linux.COMMAND_LIMIT)

    guest.ok("true")
    say("exit", r"linux login: ")
    say("guest", r"Password: ")
    start = len(shell.seen)
    shell.send("paradise\n")
    shell.wait_for(r"Login incorrect[\s\S]*linux login: ", start,
                   linux.COMMAND_LIMIT)
    say("guest", r"Password: ")
    start = len(shell.seen)
    shell.send("paravane\n")
    shell.wait_for(r"linux:~ \$ ", start, linux.COMMAND_LIMIT)
    assert guest.ok("id -un") == "guest\n"
    assert guest.run("cat /etc/shadow").status == 1
    say("exit", r"linux login: ")
    say("root", PROMPT)
    assert guest.ok("id -u") == "0\n"


def test_programs(guest):
    assert guest.ok("seq 1 5000 | sort -rn | tail -n 4999 | head -1 | "
                    "tr 0-9 1-90 | cat") == "5000\n"
    assert guest.ok("cp /bin/busybox /tmp/b && cmp /bin/busybox /tmp/b && "
                    "gzip -c /tmp/b | zcat | cmp - /tmp/b && echo same; "
                    "rm /tmp/b") == "same\n"
    assert "300000\n" in guest.ok(
        "mkfifo /tmp/f; (cat /tmp/f | wc -c) & "
        "dd if=/dev/zero of=/tmp/f bs=3000 count=100 2>/dev/null; wait")


def test_hundreds_of_processes(guest):
    out = guest.ok("n=0; for i in $(seq 300); do "
                   "(exit $((i % 7))) || n=$((n + 1)); done; echo $n",
                   2 * linux.COMMAND_LIMIT)
    assert out == "258\n"
    guest.ok("for i in $(seq 200); do sleep 1000 & done")
    # Each is a shell until it has begun.
    guest.until("pidof sleep | wc -w", r"^200\n")
    out = guest.ok("killall sleep; wait; pidof sleep | wc -w")
    assert out.split()[-1] == "0"


def test_magic_keys(guest):
    """What they print looks like trouble: the log is looked through before, and
    emptied after."""
    guest.check_log()
    guest.leave()
    guest.machine.ok(f"vane sysrq {guest.name} m")
    disabled = "sysrq: This sysrq operation is disabled"
    guest.until(f"dmesg | grep '{disabled}'", disabled, linux.BOOT_LIMIT)
    guest.ok("echo 1 >/proc/sys/kernel/sysrq")
    for key, answer in (("h", "sysrq: HELP : .*reboot"),
                        ("s", "Emergency Sync complete"),
                        ("m", "Mem-Info:"), ("t", "task:xenwatch ")):
        guest.leave()
        guest.machine.ok(f"vane sysrq {guest.name} {key}")
        guest.until(f"dmesg | grep -m1 '{answer}'", answer, linux.BOOT_LIMIT)
    guest.ok("dmesg -c >/dev/null", linux.BOOT_LIMIT)


def test_it_finds_the_store_again(guest):
    """The daemon is killed while it runs; the next one has its ring."""
    guest.leave()
    guest.machine.ok("kill -9 $(pidof xenstored)")
    guest.machine.until("vane list 2>&1", "linux ")
    # A key whose answer cannot be taken for trouble.
    guest.machine.ok("vane sysrq linux h")
    guest.until("dmesg | grep 'sysrq: HELP'", "sysrq: HELP", linux.BOOT_LIMIT)


def test_it_complains_about_nothing(guest):
    """After all that was done with it; nor does the hypervisor."""
    guest.check_log()
    guest.leave()
    said = guest.machine.ok("vane dmesg")
    assert not re.search(r"domain \d+:", said), said
    guest.machine.ok(f"vane shutdown -w {guest.name}", linux.BOOT_LIMIT)
    guest.gone()
    guest.wait_log("init: going down")


def test_reboots(machine):
    """From inside, then asked for; then it is powered off from inside."""
    guest = linux.Guest(machine, f"{SMALL} on_reboot=restart "
                        "on_poweroff=preserve").boot()
    guest.ok("touch /tmp/here")
    guest.leave()
    first = guest.number()
    guest.last("reboot")
    guest.until_it(lambda g: g.number() not in (None, first))
    second = guest.number()
    guest.login()
    assert guest.run("ls /tmp/here").status == 1
    guest.leave()
    machine.ok("vane reboot -w linux", linux.BOOT_LIMIT)
    guest.until_it(lambda g: g.number() not in (None, second))
    guest.login()
    start = len(machine.seen)
    machine.type_line("poweroff")
    machine.wait_for("reboot: System halted", start, linux.BOOT_LIMIT)
    guest.until_it(lambda g: g.state() == "---s--")


def test_reboot_can_be_an_end(machine):
    for name, then in (("one", "destroy"), ("two", "preserve")):
        guest = linux.Guest(machine, f"{SMALL} on_reboot={then}",
                            name=name).start()
        # Before, a request may come to an init that does not listen yet.
        guest.wait_log("login: ")
        machine.ok(f"vane reboot {name}")
        guest.until_it(lambda g: g.state() in (None, "---s--"))
    assert machine.ok("vane list | wc -l") == "3\n"
    assert linux.Guest(machine, name="two").state() == "---s--"


def test_a_panic_follows_on_crash(machine):
    one = linux.Guest(machine, f"{SMALL} on_crash=restart", name="one").boot()
    one.leave()
    first = one.number()
    one.last("echo c >/proc/sysrq-trigger")
    one.until_it(lambda g: g.number() not in (None, first))
    # Set aside when the next one's console is connected.
    said = machine.until(f"{linux.NAP}; cat {one.log_path}.1", "Kernel Offset",
                         linux.BOOT_LIMIT)
    assert "Kernel panic - not syncing: sysrq triggered crash" in said
    assert "write_sysrq_trigger" in said
    one.wait_log("Linux version")
    one.destroy()

    core = "/var/log/vane/core-two"
    two = linux.Guest(machine, f"{KEYS} on_crash=coredump-destroy",
                      name="two").start()
    crash(two)
    two.gone()
    two.wait_log("sysrq triggered crash")
    size = int(machine.ok(f"stat -c %s {core}"))
    assert size > 100 << 20
    assert machine.ok(f"head -c 4 {core} | tail -c 3; rm {core}") == "ELF"


def test_a_panic_can_be_the_end(machine):
    one = linux.Guest(machine, f"{KEYS} on_crash=destroy", name="one").start()
    two = linux.Guest(machine, f"{KEYS} on_crash=preserve", name="two").start()
    crash(one)
    one.gone()
    one.wait_log("sysrq triggered crash")
    crash(two)
    two.until_it(lambda g: g.state() == "---sc-")
    two.wait_log("sysrq triggered crash")
    said = machine.ok("vane backtrace two")
    assert "vCPU 0" in said and "kernel mode" in said


def test_it_is_destroyed_at_any_moment_of_its_boot(machine):
    for name, moment in (("one", "Linux version"), ("two", "Memory: "),
                         ("three", "Grant table initialized"),
                         ("four", "Run /init")):
        # Each has a log of its own.
        guest = linux.Guest(machine, SMALL, name=name).start()
        guest.wait_log(moment)
        guest.destroy()


def test_two_at_once(machine):
    numbers = "".join(f"{n}\n" for n in range(1, 20001)).encode()
    wanted = hashlib.sha256(numbers).hexdigest()
    guests = [linux.Guest(machine, f"{SMALL} extra='{linux.EXTRA} mine={name}'",
                          name=name).start() for name in ("one", "two")]
    for guest in guests:
        guest.login()
        guest.ok("seq 20000 | sha256sum >/tmp/sum & echo")
        guest.leave()
    for guest in guests:
        assert f"mine={guest.name}" in guest.ok("cat /proc/cmdline")
        guest.until(f"{linux.NAP}; cat /tmp/sum", f"^{wanted} ")
        guest.check_log()
        guest.leave()


def test_its_event_channels_are_fifo_if_its_file_says_so(machine):
    with linux.Guest(machine, "max_event_channels=131071 vcpus=2") as guest:
        assert "xen:events: Using FIFO-based ABI" in guest.ok("dmesg")
        # interrupts between its vCPUs, the timers' and the console's all arrive
        rows = "grep -E 'spinlock|resched|callfunc|timer' /proc/interrupts"
        before = guest.ok(rows)
        guest.ok("for i in $(seq 60); do sleep 0.01 & "
                 "(echo $i | cat >/dev/null); done; wait")
        assert guest.ok(rows) != before
        assert guest.ok("grep -c xen-dyn /proc/interrupts") != "0\n"
        guest.check_log()

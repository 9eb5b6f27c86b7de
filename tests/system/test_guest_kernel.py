# SPDX-License-Identifier: MIT
"""test_guest_kernel.py - the guest kernel, tried by programs of its own.

tests/kernel/*.c are ordinary Linux programs that print a line a check; what
they expect is what Linux does. The machine is their own, because one of them
uses all of its memory up.
"""

import subprocess

import pytest

from machine import BUILD, OTHER, SLOW

PROGRAMS = BUILD / "tests" / "kernel"
AUDIT = "" if OTHER else " && vane audit"


@pytest.mark.parametrize("program, argument, options", [
    ("procs", "", ""),
    ("threads", "", ""),
    ("memory", "all", ""),
    ("xendev", "", ""),
    ("files", "", ""),
    ("streams", "", ""),
    ("terminals", "", ""),
    ("rubbish", "", ""),
    # The first uses up all memory, the second is the store's daemon itself;
    # 131072 KiB is what pvboot assigns.
    ("grants", "", "--first-args nodaemons"),
    ("storeclient", "131072", "--first-args nodaemons"),
])
def test_program(boot, program, argument, options):
    result = boot("--add", f"{PROGRAMS / program}:/root/{program}",
                  *options.split(maxsplit=1),
                  command=f"/root/{program} {argument} {AUDIT}", limit=600 * SLOW)
    bad = [line for line in result.out.splitlines() if line.startswith("FAIL")]
    assert not bad and result.status == 0, result.out
    assert OTHER or "errors 0," in result.out, result.out


def test_unknown_system_call_is_noted_once(shell):
    shell.run("ls >/dev/null; ls >/dev/null")
    notes = shell.ok("dmesg | grep 'unknown system call'").splitlines()
    assert len(notes) == len(set(line.split("unknown")[1] for line in notes))


def test_fork_and_exec_give_all_memory_back(shell):
    """A page lost per process would be 1,200 KiB."""
    loop = "for i in $(seq 100); do (sleep 0 | cat); done"

    def free():
        return int(shell.ok("grep MemFree /proc/meminfo").split()[1])

    shell.ok(loop)
    before = free()
    shell.ok(loop)
    assert free() >= before - 600


def test_the_same_kernel_on_the_bare_machine():
    """platform/native: the other side of the seam, without a hypervisor."""
    kernel = BUILD / "pvguest-kernel" / "pvguest-native"
    line = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "256",
            "-display", "none", "-nodefaults", "-serial", "stdio", "-no-reboot",
            "-kernel", str(kernel), "-initrd", str(BUILD / "control.cpio.gz")]
    # The first byte may arrive before the serial port is set up.
    done = subprocess.run(line, input=b"\necho $((6 * 7)) >/tmp/f; cat /tmp/f | wc -c; "
                          b"sleep 0.1; uname -m; poweroff -f\n", check=False,
                          stdout=subprocess.PIPE, timeout=300 * SLOW)
    out = done.stdout.decode(errors="replace").replace("\r", "")
    assert done.returncode == 0 and "bare machine" in out, out
    assert "\n3\n" in out and "\nx86_64\n" in out, out

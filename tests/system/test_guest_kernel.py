# SPDX-License-Identifier: MIT
"""test_guest_kernel.py - the guest kernel, tried by programs of its own.

tests/kernel/*.c are ordinary Linux programs that print a line a check; what
they expect is what Linux does. The machine is their own, because one of them
uses all of its memory up.
"""

import pytest

from machine import BUILD

PROGRAMS = BUILD / "tests" / "kernel"


@pytest.mark.parametrize("program, argument", [
    ("procs", ""),
    ("threads", ""),
    ("memory", "all"),
    ("xendev", ""),
])
def test_program(boot, program, argument):
    result = boot("--add", f"{PROGRAMS / program}:/root/{program}",
                  command=f"/root/{program} {argument}", limit=180)
    bad = [line for line in result.out.splitlines() if line.startswith("FAIL")]
    assert not bad and result.status == 0, result.out


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

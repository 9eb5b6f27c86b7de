# SPDX-License-Identifier: MIT
"""test_attacks.py - one test for each class of hole that hypervisors of this
kind have had (docs/security.md has the table); see attacks/ for what each does.

An unprivileged domain attacks beside a neighbour that sums up secret words.
Whatever came of it: the hypervisor and the neighbour go on, the sum is right,
the books are right, and every frame is back.
"""

import re
import shutil
import subprocess

import pytest

from conftest import BUILD, GUESTS, Kept, kept
from machine import SLOW

# class: whether it says at its end how it went; one that gives up its own
# console cannot.
CLASSES = {
    "page-types": True, "fast-path": True, "superpages": True,
    "descriptors": True, "returns": True, "debug": True, "emulation": True,
    "leaks": True, "events": True, "reset": False, "fifo": True,
    "fifo-reset": False, "grants": True, "grants2": True, "reservations": True,
    "continuations": True, "vcpus": True, "console": True, "interrupts": True,
    "control": True,
}
SETTINGS = {"fifo": "max_event_channels=131071",
            "fifo-reset": "max_event_channels=131071"}
LIMIT = 1800 * SLOW   # page-types takes 15 s on a quiet host, minutes on a busy one
NEIGHBOUR = "/var/log/vane/guest-neighbour.log"


class Beside(Kept):
    """A machine with the neighbour at work, for all attacks."""

    name, options = "attacks", (
        "--guest", f"attack={GUESTS}/attack,memory=16,vcpus=2",
        "--guest", f"neighbour={GUESTS}/neighbour,extra=sum,memory=16")

    def prepare(self):
        self.create_neighbour()
        self.check_books()

    def create_neighbour(self):
        self.machine.ok("vane create /guests/neighbour.cfg")
        self.machine.until(f"tail -n 1 {NEIGHBOUR}", r"[1-9]\d* rounds, 0 wrong")

    def neighbour_goes_on(self):
        """It says a line that it had not said, and none of them is bad."""
        said = self.machine.ok(f"wc -l <{NEIGHBOUR}").strip()
        self.machine.until(f"wc -l <{NEIGHBOUR}", rf"^(?!{said}\n)\d+\n")
        assert not re.search(r"rounds, [1-9]", self.machine.ok(f"cat {NEIGHBOUR}"))


_beside = kept(Beside)


@pytest.fixture
def beside(request, _beside, ours):
    yield from _beside.lend(request)


def attack(machine, name):
    """Runs a class to its end; what it said."""
    machine.ok("vane create /guests/attack.cfg on_crash='\"preserve\"' "
               f"extra='\"{name}\"' {SETTINGS.get(name, '')}")
    machine.run("vane wait attack", LIMIT)
    machine.until("vane list attack 2>&1",
                  r"---s-c|---sc-|----c-|---s--|no dom", LIMIT)
    said = machine.ok("cat /var/log/vane/guest-attack.log")
    if "no dom" not in machine.run("vane list attack 2>&1").out:
        machine.run("vane destroy attack")
    machine.until("vane list | wc -l", r"^3\n")
    return said


@pytest.mark.parametrize("name", CLASSES)
def test_attack(beside, name):
    said = attack(beside.machine, name)
    bad = re.findall(r"(?:^  .*\n)*^RULE .*: (?:fail|broken)$", said, re.M)
    assert not bad, "\n".join(bad)
    if CLASSES[name]:
        end = re.search(r"^SUITE attack: (\d+) pass, 0 fail, 0 skip$", said, re.M)
        assert end and int(end.group(1)) > 0, said[-2000:]
    assert "(pv) panic:" not in beside.machine.log()
    beside.neighbour_goes_on()
    beside.check_books()


def test_attack_on_what_a_dead_neighbour_left(beside):
    """Its frames are another's now, and have none of its words."""
    beside.machine.ok("vane destroy neighbour")
    beside.machine.until("vane list | wc -l", r"^2\n")
    beside.machine.ok("vane create /guests/attack.cfg extra='\"leaks\"'")
    beside.machine.run("vane wait attack", LIMIT)
    beside.machine.until("vane list | wc -l", r"^2\n")
    said = beside.machine.ok("cat /var/log/vane/guest-attack.log")
    beside.machine.ok(f"rm {NEIGHBOUR}")
    beside.create_neighbour()
    assert re.search(r"SUITE attack: \d+ pass, 0 fail", said), said[-2000:]
    beside.check_books()


def test_no_branch_is_aimed_by_a_register():
    """Speculation: no bare indirect branch, but where no guest runs yet."""
    if not shutil.which("objdump"):
        pytest.skip("no objdump on this machine")
    code = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn",
         str(BUILD / "hypervisor" / "paravane.sym")],
        check=True, stdout=subprocess.PIPE).stdout.decode()
    found, function = set(), ""
    for line in code.splitlines():
        if re.match(r"[0-9a-f]+ <.*>:$", line):
            function = line.split()[1].strip("<>:")
        elif re.search(r"\t(call|jmp)q?\s+\*", line):
            found.add(function)
    # the jumps to the high half, and the first domain's image
    assert found <= {"start64_low", "trampoline64", "elf_load"}, found

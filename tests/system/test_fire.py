# SPDX-License-Identifier: MIT
"""test_fire.py - domain life under fire: whoever keeps a domain is killed.

Rules: nothing is lost that was in a ring, a log or the store; nothing is left
of what was half made or half ended; `vane list` is true all the time. Two
guests live through all of it, and go on talking and writing to the store.
PARAVANE_FIRE=20 repeats what is random so often (once unless told).
"""

import os
import re
import time

import pytest

from conftest import GUESTS, audit, domains
from machine import SLOW, Machine

ROUNDS = int(os.environ.get("PARAVANE_FIRE", "1"))
GUEST = f"lodger={GUESTS}/lodger,memory=4"
KEEPERS = ("k1", "k2")
LONG = 120 * SLOW
STEPS_MAX = 100
# What is not about a domain that somebody makes or ends here.
OTHERS = re.compile(r"^/tool|^/vane/creating |/data/")


class Field:
    """The machine, its keepers, and what it was like before the first shot."""

    def __init__(self):
        self.shell = Machine("fire", "--guest", GUEST)
        self.lines = 0
        self.create("warm")
        self.shell.ok("vane destroy warm")
        for name in KEEPERS:
            self.create(name)
        self.wait_started(KEEPERS)
        self.told = {}
        for name in KEEPERS:
            self.write(name, 20)
            self.wrote(name)
        self.free, self.store = audit(self.shell)[1], self.nodes()

    def create(self, name, before="", after=""):
        return self.shell.run(f"{before} vane create /guests/lodger.cfg "
                              f"name=\\\"{name}\\\" {after}", LONG)

    def wait_started(self, names):
        for name in names:
            self.said(name, r"lodger: began at \d+")

    def said(self, name, pattern):
        return re.search(pattern, self.shell.until(
            f"vane console --show {name}", pattern, LONG))

    def tell(self, name, line):
        self.shell.until(f"printf '{line}\\n\\035' | vane console {name} "
                         "> /dev/null; echo told $?", "told 0", LONG)

    def write(self, name, count):
        """Has it write so often; `wrote` waits for that."""
        self.told[name] = self.told.get(name, 0) + 1
        self.tell(name, f"write {count} 20")

    def wrote(self, name):
        """All writes it was told of are done, and all answers were right."""
        log = f"grep wrote /var/log/vane/guest-{name}.log"
        out = self.shell.until(log, rf"(?s)(wrote.*){{{self.told[name]}}}", LONG)
        assert not re.search("bad [1-9]", out), out

    def nodes(self):
        """Everything in the store that says anything about domains."""
        out = self.shell.ok("vane store ls -f /")
        return [line for line in out.splitlines() if not OTHERS.search(line)]

    def kill(self, program):
        """Kills a daemon; init starts another, which is waited for."""
        pid = self.shell.ok(f"pidof {program}").split()[0]
        self.shell.ok(f"kill -9 {pid}")
        self.shell.until(f"pidof {program}", rf"^(?!{pid}\b)\d+\n", LONG)

    def settled(self):
        """Only the keepers are there, and nothing of anyone else."""
        self.shell.until("vane list | tail -n +3 | awk '{print $1}' | sort",
                         rf"^{KEEPERS[0]}\n{KEEPERS[1]}\n$", LONG)
        self.shell.until("vane store ls -f / | grep -c lodger.cfg", r"^2\n", LONG)
        deadline = time.monotonic() + LONG
        now = self.nodes()
        while now != self.store and time.monotonic() < deadline:
            now = self.nodes()
        assert now == self.store, "\n".join(sorted(set(now) ^ set(self.store)))
        errors, free, said = audit(self.shell)
        assert (errors, free) == (0, self.free), said

    def keepers_go_on(self):
        self.lines += 1
        for name in KEEPERS:
            self.tell(name, f"line {self.lines}")
        for name in KEEPERS:
            self.said(name, f"lodger: line {self.lines}\n")


@pytest.fixture(scope="module")
def field():
    field = Field()
    yield field
    field.shell.close()


@pytest.fixture(autouse=True)
def only_here(ours):
    """Upstream Xen has no audit."""


def test_consoled_is_killed(field):
    """A guest's text is kept whole, whatever happens to who keeps it."""
    for i in range(ROUNDS):
        name = KEEPERS[i % 2]
        field.tell(name, "count 2000")
        for _ in range(3):
            field.kill("consoled")
        log = f"/var/log/vane/guest-{name}.log"
        field.shell.until(f"grep -c counted {log}", rf"^{i // 2 + 1}\n", LONG)
        # each line follows the one before, from the last 1 on
        field.shell.ok(f"tr -d '\\r' < {log} | awk '/^1$/ {{ n = 0 }} "
                       "/^[0-9]+$/ { if ($1 != n + 1) { print \"after\", n, "
                       "\"comes\", $1; bad = 1 } n = $1 } "
                       "END { exit bad || n != 2000 }'")
        # and who attaches sees what was said to the daemon before
        field.said(name, r"1999\r?\n2000\r?\nlodger: counted")
    field.keepers_go_on()
    field.settled()


def test_xenstored_is_killed(field):
    """No write that was answered is lost, none is answered twice."""
    for _ in range(ROUNDS):
        for name in KEEPERS:
            field.write(name, 3000)
        for _ in range(3):
            field.kill("xenstored")
            assert set(domains(field.shell)) == set(KEEPERS)
        for name in KEEPERS:
            field.wrote(name)
    field.create("n1")
    field.said("n1", "began")
    field.shell.ok("vane destroy n1")
    field.keepers_go_on()
    # what they have written last, they find again
    for name in KEEPERS:
        field.write(name, 20)
        field.wrote(name)
    field.settled()


def test_monitord_is_killed(field):
    """A guest that ends, before or after, is ended."""
    field.create("m1")
    field.said("m1", "began")
    field.kill("vane-monitord")
    field.tell("m1", "end")
    field.settled()
    field.create("m2")
    field.said("m2", "began")
    field.tell("m2", "end; kill")
    field.kill("vane-monitord")
    field.settled()
    field.keepers_go_on()


def shoot(field, line, target, also=False):
    """Runs a command again and again, killed one step later each time; `also`:
    with monitord, and every second step, since that takes long."""
    for step in range(1, STEPS_MAX, 2 if also else 1):
        status = line(step)
        if also:
            field.kill("vane-monitord")
        if status == 0:
            return step
        assert status == 137, f"step {step}: exit status {status}"
        target(step)
    raise AssertionError("it never came to its end")


@pytest.mark.parametrize("also", (False, True), ids=("alone", "with-monitord"))
def test_create_is_killed_at_every_step(field, also):
    """What was made is made whole, or there is nothing of it."""

    def create(step):
        return field.create("x", f"VANE_DIE_AT={step}").status

    def after(step):
        field.shell.until("vane list | grep -c '^x .*p' ", r"^0\n", LONG)
        if "x" in domains(field.shell):
            field.said("x", "began")
            field.shell.ok("vane destroy x")
        field.settled()

    steps = shoot(field, create, after, also)
    assert steps > 10
    field.said("x", "began")
    field.shell.ok("vane destroy x")
    field.settled()
    field.keepers_go_on()


def test_destroy_is_killed_at_every_step(field):
    """Asked again, it ends; what is left of a domain that is gone, goes."""

    def destroy(step):
        if "x" not in domains(field.shell):
            assert field.create("x").status == 0
        return field.shell.run(f"VANE_DIE_AT={step} vane destroy x", LONG).status

    def after(_):
        if "x" in domains(field.shell):
            field.shell.run("vane destroy x", LONG)
        field.settled()

    steps = shoot(field, destroy, after)
    assert steps > 3
    field.settled()
    field.keepers_go_on()


def test_all_at_once(field):
    """Everyone who keeps a domain is killed while two are made and ended."""
    shell = field.shell
    for i in range(ROUNDS):
        for name in KEEPERS:
            field.write(name, 1000)
        shell.run(f"vane create /guests/lodger.cfg name=\\\"y{i}\\\" &")
        shell.run(f"vane create /guests/lodger.cfg name=\\\"z{i}\\\" &")
        for program in ("xenstored", "consoled", "vane-monitord"):
            field.kill(program)
        for name in KEEPERS:
            field.wrote(name)
        shell.until("pidof vane; echo none", r"^none\n", LONG)
        for name in set(domains(shell)) - set(KEEPERS):
            shell.run(f"vane destroy '{name}'", LONG)
        field.settled()
    field.keepers_go_on()

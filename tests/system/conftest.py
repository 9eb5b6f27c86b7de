# SPDX-License-Identifier: MIT
"""conftest.py - machines that many tests share, and the group's counts.

Guards: each test that used the shared machine leaves it as it found it: only
the control domain, a clean audit, and the same number of free frames.
Not here: how a machine is driven (machine.py).
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True

import machine  # noqa: E402
from machine import BUILD, OTHER, Gone, Machine  # noqa: E402

GUESTS = BUILD / "tests" / "system"
XEN = BUILD / "oracle" / "boot" / "xen-4.17-amd64.gz"


# Their outcome is the same whatever PARAVANE_CPUS says: they run on the host, or
# choose the number themselves. `run --cpus 1,2,4` runs them only once.
ONCE = {"test_bad_input", "test_cpus", "test_debugging", "test_demo",
        "test_fire", "test_grub", "test_guest_life", "test_host_scripts",
        "test_hundred", "test_install",
        "test_processors", "test_pvboot", "test_races", "test_steering",
        "test_store", "test_strace"}
# They compare the progress of several CPUs: with nothing beside them.
ALONE = {"test_cpus", "test_linux_cpus", "test_linux_time", "test_processors",
         "test_races", "test_steering"}
# `run` names the part of the tests that it wants.
PARTS = {"": lambda stem: True,
         "again": lambda stem: stem not in ONCE,
         "alone": lambda stem: stem in ALONE,
         "together": lambda stem: stem not in ALONE}


def pytest_collection_modifyitems(config, items):
    wanted = PARTS[os.environ.get("PARAVANE_PART", "")]
    others = [item for item in items if not wanted(item.path.stem)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


def pytest_addoption(parser):
    parser.addoption("--count", help="where to write `PASSED FAILED`")


def pytest_sessionfinish(session):
    """A skipped test is neither; an error in a fixture is a failure."""
    path = session.config.getoption("--count")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not path or not reporter:
        return
    number = {kind: len(reporter.stats.get(kind, ())) for kind in
              ("passed", "failed", "error")}
    with open(path, "w") as f:
        f.write(f"{number['passed']} {number['failed'] + number['error']}\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Remembers a failure, for the fixtures to see when they clean up."""
    outcome = yield
    if outcome.get_result().failed:
        item.failed = True


def failed(request):
    """Whether the fixture's test did, so far."""
    return getattr(request.node, "failed", False)


def audit(shell):
    """(errors, free frames), as the hypervisor recounts them."""
    out = shell.run("vane audit").out
    match = re.search(r"errors (\d+), free frames (\d+)", out)
    assert match, f"vane audit said: {out}"
    return int(match.group(1)), int(match.group(2)), out


@contextlib.contextmanager
def audited(request, started):
    """A machine for one file's tests; its books are checked once all passed."""
    before = request.session.testsfailed
    try:
        yield started
        if request.session.testsfailed == before:
            errors, _, said = audit(started)
            assert errors == 0, said
    finally:
        started.close()


def domains(shell):
    """{name: (id, state letters)} of all domains but the control domain."""
    found = {}
    for line in shell.ok("vane list").splitlines()[1:]:
        words = line.split()
        if words[1] != "0":
            found[words[0]] = (int(words[1]), words[4])
    return found


class Kept:
    """A machine for many tests, booted when first asked for, after it ended,
    and after a test that failed with it. NAME and OPTIONS are the machine's."""

    name, options = "kept", ()

    def __init__(self):
        self.machine, self.number, self.free = None, 0, None

    def prepare(self):
        """Of a machine that was just booted."""

    def get(self):
        if self.machine and not self.machine.alive():
            self.drop()
        if not self.machine:
            self.number += 1
            self.machine = Machine(f"{self.name}-{self.number}", *self.options)
            self.free = None
            try:
                self.prepare()
            except BaseException:
                self.drop()
                raise
        return self.machine

    def drop(self):
        if self.machine:
            self.machine.close()
        self.machine = None

    def check_books(self):
        """A clean audit, and as many free frames as the last time."""
        errors, free, said = audit(self.machine)
        assert errors == 0, said
        before, self.free = self.free, free
        assert before in (None, free), \
            f"{before} frames were free before, {free} are free now"

    def lend(self, request):
        """A fixture of one test: yield from it."""
        self.get()
        yield self
        if failed(request):
            self.drop()


def kept(kind, scope="module"):
    """The fixture that has the machine until all tests are done."""
    @pytest.fixture(scope=scope)
    def keep():
        one = kind()
        yield one
        one.drop()
    return keep


class Shared(Kept):
    """A machine for tests that create domains; by default, the session's."""

    name, options = "shared", ("--guest", f"rogue={GUESTS}/rogue,memory=16")

    def prepare(self):
        self.machine.settle()
        self.tidy()

    def tidy(self):
        """Ends what a test left running, then checks the books."""
        shell = self.machine
        for number, _ in domains(shell).values():
            shell.run(f"vane destroy {number}")
        shell.until("vane list | wc -l", r"^2\n")
        if not OTHER:
            self.check_books()

    def lend(self, request):
        """The machine itself, for one test; the books are checked before and
        after. A test that failed may leave anything: then the next one gets a
        new machine."""
        try:
            yield self.get()
            if failed(request):
                self.drop()
            else:
                self.tidy()
        except (Gone, AssertionError):
            self.drop()
            raise


_shared = kept(Shared, "session")


@pytest.fixture
def shell(request, _shared):
    """The control domain's shell, for tests that create no domain."""
    yield _shared.get()
    if failed(request):
        _shared.drop()


@pytest.fixture
def host(request, _shared):
    """The same machine, for tests that create domains."""
    yield from _shared.lend(request)


@pytest.fixture
def boot(request):
    """machine.boot() with a log named for the test."""
    def run(*options, **more):
        name = re.sub(r"[^\w.-]+", "_", request.node.name)
        return machine.boot(name, *options, **more)
    return run


@pytest.fixture
def own_machine(request):
    """A machine of this test's own: own_machine(*options). What is left
    running at the end of a test that passed, is audited."""
    made = []

    def make(*options):
        name = re.sub(r"[^\w.-]+", "_", request.node.name)
        made.append(Machine(f"{name}-{len(made)}", *options))
        return made[-1]
    yield make
    try:
        for one in made:
            if one.alive() and not OTHER and not failed(request):
                errors, _, said = audit(one)
                assert errors == 0, f"after the test the audit finds: {said}"
    finally:
        for one in made:
            one.close()


@pytest.fixture
def ours():
    """For tests of what only Paravane does."""
    if OTHER:
        pytest.skip("not with another hypervisor in its place")


@pytest.fixture(scope="session")
def xen():
    assert XEN.exists(), f"no {XEN}: `make setup` unpacks upstream Xen there"
    return XEN


@pytest.fixture(scope="session")
def debug():
    """The hypervisor with assertions, built beside the other."""
    folder = BUILD / "debug"
    folder.mkdir(exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-j2", "-s", f"B={folder}", "DEBUG=1",
                        "hypervisor"], cwd=machine.ROOT, check=True)
    return folder / "hypervisor" / "paravane"


@pytest.fixture(scope="session")
def gdb():
    if not shutil.which("gdb"):
        pytest.skip("no gdb on this machine")
    return "gdb"

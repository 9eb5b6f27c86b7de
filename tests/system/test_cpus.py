# SPDX-License-Identifier: MIT
"""test_cpus.py - many CPUs as the tools show and rule them, and how quickly
the control domain answers while all are busy.

Guest time, never the host's: this machine counts instructions (icount), so
that a slow host cannot make a guest late, nor a fast one hide that it was.
"""

import json
import re

import pytest

from conftest import GUESTS, audit, domains
from machine import OTHER, SLOW, Machine

CREATE = "vane create /guests/busy.cfg"
KEYS = "the quick brown fox jumps over the lazy dog"
LONG = 300 * SLOW
CROWD = 16


@pytest.fixture(scope="module")
def _machine():
    m = Machine("cpus", "--icount", "--cpus", "2", "--cpu", "qemu64,+rdrand",
                "--guest", f"busy={GUESTS}/busy,memory=4",
                "--add", f"{GUESTS}/programs/keytime:/bin/keytime")
    yield m
    m.close()


@pytest.fixture
def two(_machine):
    """The machine with two CPUs; afterwards only the control domain is left,
    as it was, and the books are right."""
    yield _machine
    for name in domains(_machine):
        _machine.ok(f"vane destroy {name}", LONG)
    _machine.ok("vane vcpu-pin 0 all all all")
    if not OTHER:
        errors, _, said = audit(_machine)
        assert errors == 0, f"after the test the audit finds: {said}"


def vcpus(shell, *names):
    """What vcpu-list tells, in order: (name, vCPU) and the rest."""
    rows = json.loads(shell.ok(f"vane vcpu-list --json {' '.join(names)}",
                               LONG))
    return {(row["name"], row["vcpu"]): row for row in rows}


def rates(shell, *names):
    """How many CPUs each domain uses, in the course of a second or so."""
    def total():
        said = shell.ok("cat /proc/uptime; vane vcpu-list --json "
                        + " ".join(names), LONG)
        line, _, rows = said.partition("\n")
        sums = {}
        for row in json.loads(rows):
            sums[row["name"]] = sums.get(row["name"], 0) + row["cpu_time_ns"]
        return float(line.split()[0]), sums
    start, before = total()
    shell.ok("sleep 1", LONG)
    end, after = total()
    return {name: (after[name] - before[name]) / (end - start) / 1e9
            for name in after}


def create(shell, name, keys=""):
    shell.ok(f"{CREATE} name={name} {keys}", LONG)
    shell.until(f"vane console --show {name}", r"busy: \d+ vCPUs", LONG)


def test_info(two):
    rows = dict(re.findall(r"^(\w+) +: (.*)$", two.ok("vane info"), re.M))
    assert rows["nr_cpus"] == "2" and rows["max_cpu_id"] == "1"
    assert rows["xen_scheduler"] == "credit2"
    assert int(rows["sockets"]) * int(rows["cores_per_socket"]) * \
        int(rows["threads_per_core"]) == 2


def test_vcpus_are_shown_as_xl_shows_them(two):
    create(two, "busy", "vcpus=4")
    lines = two.ok("vane vcpu-list").splitlines()
    assert re.match(r"Name +ID +VCPU +CPU State +Time\(s\) "
                    r"Affinity \(Hard / Soft\)", lines[0])
    assert re.match(r"Domain-0 +0 +0 +[01] +r-- +\d+\.\d all / all", lines[1])
    # the control domain has a vCPU for each CPU, and leaves the other down
    assert re.match(r"Domain-0 +0 +1 +- +--p +0\.0 all / all", lines[2])
    for vcpu, line in enumerate(lines[3:]):
        assert re.match(rf"busy +\d+ +{vcpu} +[01] +[r-]-- +\d+\.\d ", line)
    assert len(lines) == 7
    row = two.ok("vane list busy").splitlines()[1].split()
    assert row[3:5] == ["4", "r-----"]
    # as many as there can be
    create(two, "many", "vcpus=64")
    two.until("vane list many", r"many +\d+ +4 +64 +r-----", LONG)


def test_states_of_a_vcpu_add_up(two, ours):
    """The sum of its run states is the time since it was made, to the ns."""
    create(two, "busy", "vcpus=3")
    for _ in range(3):
        for (name, vcpu), row in vcpus(two).items():
            parts = [row[f"{state}_ns"] for state in
                     ("running", "runnable", "blocked", "offline")]
            assert sum(parts) == row["elapsed_ns"], row
            if name == "Domain-0" and vcpu:
                assert parts[:3] == [0, 0, 0], row
            if name == "busy":
                assert parts[0] and parts[1] and parts[3], row
                assert parts[2] == 0, row
    # two CPUs cannot be used more than twice over, and are not left idle
    before, after = vcpus(two), (two.ok("sleep 0.5", LONG), vcpus(two))[1]
    used = sum(after[v]["running_ns"] - before[v]["running_ns"] for v in after)
    passed = after["busy", 0]["elapsed_ns"] - before["busy", 0]["elapsed_ns"]
    assert 1.9 < used / passed < 2.1, (before, after)


def test_a_pinned_vcpu_stays(two):
    create(two, "busy", "vcpus=2")
    for cpu in (1, 0, 1):
        two.ok(f"vane vcpu-pin busy 0 {cpu}")
        two.ok(f"vane vcpu-pin busy 1 {1 - cpu} -")
        before = vcpus(two, "busy")
        two.ok("sleep 0.1", LONG)
        for vcpu, want in ((0, cpu), (1, 1 - cpu)):
            row = vcpus(two, "busy")["busy", vcpu]
            assert (row["cpu"], row["hard_affinity"]) == (want, f"{want}")
            assert row["cpu_time_ns"] > \
                before["busy", vcpu]["cpu_time_ns"] + 30000000
    # the vCPU that the tool itself runs on
    for cpu in ("1", "0"):
        two.ok(f"vane vcpu-pin 0 0 {cpu}")
        assert vcpus(two, "0")["Domain-0", 0]["cpu"] == int(cpu)


def test_soft_affinity_is_a_wish(two):
    create(two, "busy", "vcpus=2")
    two.ok("vane vcpu-pin busy all all 1")
    row = vcpus(two, "busy")["busy", 0]
    assert (row["hard_affinity"], row["soft_affinity"]) == ("all", "1")
    # both CPUs are used all the same
    got = rates(two, "busy")["busy"]
    assert got > 1.4, got


def test_weights_divide_a_cpu(two):
    two.ok("vane vcpu-pin 0 0 0")
    create(two, "light", "cpus=1 cpu_weight=256")
    create(two, "heavy", "cpus=1 cpu_weight=768")
    got = rates(two, "light", "heavy")
    assert 2.8 < got["heavy"] / got["light"] < 3.2, got
    two.ok("vane sched -d heavy -w 256")
    assert re.search(r"^heavy +\d+ +256 +0$", two.ok("vane sched"), re.M)
    got = rates(two, "light", "heavy")
    assert 0.9 < got["heavy"] / got["light"] < 1.1, got


def test_a_cap_holds_though_nobody_else_wants(two):
    create(two, "busy", "vcpus=2 cap=50")
    assert re.search(r"^busy +\d+ +256 +50$", two.ok("vane sched -d busy"),
                     re.M)
    got = rates(two, "busy")["busy"]
    assert 0.4 < got < 0.6, got
    two.ok("vane sched -d busy -c 0")
    got = rates(two, "busy")["busy"]
    assert got > 1.6, got


@pytest.mark.parametrize("command, status, words", [
    ("vane vcpu-pin busy 2 0", 1, "vCPU 2 is out of range: 0 to 1"),
    ("vane vcpu-pin busy x 0", 1, 'vCPU "x" is no number'),
    ("vane vcpu-pin busy 0 2", 1, "there is no CPU 2: this machine has CPUs "
     "0 to 1"),
    ("vane vcpu-pin busy 0 0,^0", 1, "no CPU is left"),
    ("vane vcpu-pin busy 0 0-", 1, '"0-" is no CPU'),
    ("vane vcpu-pin busy 0 - -", 1, "there is nothing to do"),
    ("vane vcpu-pin nobody 0 0", 1, 'there is no domain "nobody"'),
    ("vane vcpu-list nobody", 1, 'there is no domain "nobody"'),
    ("vane sched -d nobody", 1, 'there is no domain "nobody"'),
    ("vane sched -d busy -w 0", 1, "weight 0 is out of range: 1 to 65535"),
    ("vane sched -d busy -c 201", 1, "cap 201 is out of range: 0 to 200"),
    ("vane sched -w 1", 1, "say which with -d DOMAIN"),
    (f"{CREATE} name=b cpus=0-2", 3, "cpus= for vCPU 0: there is no CPU 2"),
    (f"{CREATE} name=b cpus_soft=2", 3, "cpus_soft= for vCPU 0: there is no"),
    (f"{CREATE} name=b cpus=x", 1, 'cpus=: "x" is no CPU'),
    (f"{CREATE} name=b cap=101", 1, "cap=101 is out of range: 0 to 100"),
    (f"{CREATE} name=b vcpus=65", 1, "vcpus=65 is out of range: 1 to 64"),
])
def test_refusals_name_what_is_wrong(_machine, command, status, words):
    if "busy" not in domains(_machine):
        _machine.ok(f"{CREATE} -p vcpus=2")
    result = _machine.run(f"{command} 2>&1")
    assert result.status == status, result
    assert words in result.out
    assert list(domains(_machine)) == ["busy"]


def test_the_guest_kernel_leaves_further_vcpus_alone(two):
    two.ok("vane create /guests/small.cfg vcpus=4")
    two.until("vane console --show small", "# ", LONG)
    rows = vcpus(two, "small")
    assert [row["online"] for row in rows.values()] == [True] + 3 * [False]


def test_one_vcpu_a_cpu(own_machine, ours):
    """Under sched=null: who comes first has a CPU, the others none."""
    m = own_machine("--icount", "--cpus", "2", "--cpu", "qemu64,+rdrand",
                    "--hv-args", "sched=null",
                    "--guest", f"busy={GUESTS}/busy,memory=4,vcpus=2")
    assert re.search(r"xen_scheduler +: null", m.ok("vane info"))
    for refused in ("vane sched", "vane sched -d 0", "vane sched -d 0 -w 5",
                    f"{CREATE} cap=5", f"{CREATE} cpu_weight=5"):
        done = m.run(f"{refused} 2>&1")
        assert done.status in (1, 3) and "no weights and caps" in done.out, \
            f"{refused}: {done}"
    create(m, "busy")
    m.ok("sleep 0.2", LONG)
    rows = vcpus(m, "busy")
    assert rows["busy", 0]["running_ns"] > 2e8, rows
    assert rows["busy", 1]["running_ns"] == 0, rows
    assert rows["busy", 1]["runnable_ns"] > 2e8, rows
    # it gets the CPU that the other one gives up
    m.ok("vane vcpu-pin busy 0 0")
    before = vcpus(m, "busy")["busy", 1]["running_ns"]
    m.ok("sleep 0.2", LONG)
    assert vcpus(m, "busy")["busy", 1]["running_ns"] > before + 1.9e8
    m.ok("vane destroy busy", LONG)


@pytest.fixture
def crowd(two):
    """More busy guests than two CPUs can serve."""
    two.ok(f"for i in $(seq {CROWD}); do {CREATE} -p name=busy$i; done", LONG)
    two.ok(f"for i in $(seq {CROWD}); do vane unpause busy$i; done", LONG)
    return two


def test_the_control_domain_answers_in_a_crowd(crowd):
    """A keystroke echoes within 50 ms, a busy guest ends within a second."""
    start = len(crowd.seen)
    crowd.type_line("keytime", LONG)
    crowd.wait_for(r"keytime: ready\n", start, LONG)
    for key in KEYS:
        start = len(crowd.seen)
        crowd.send(key)
        crowd.wait_for(re.escape(key), start, LONG)
    crowd.send("\n")
    said = crowd.wait_for(r"keytime: (\d+) keys, worst (\d+) us, "
                          r"quickest round (\d+) us\n", start, LONG)
    keys, worst, quickest = map(int, said.groups())
    assert keys == len(KEYS)
    assert worst < 50000 and quickest < 50000, said.group(0)
    for i in (1, CROWD // 2, CROWD):
        said = crowd.ok(f"time vane destroy busy{i}", LONG)
        took = re.search(r"real\s+(\d+)m ([\d.]+)s", said)
        assert int(took.group(1)) == 0 and float(took.group(2)) < 1, said

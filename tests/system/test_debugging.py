# SPDX-License-Identifier: MIT
"""test_debugging.py - what a kernel's author has when it goes wrong: the calls
that were refused, a backtrace with names, and a core file that gdb opens.
"""

import base64
import gzip
import json
import re
import subprocess

import pytest

from conftest import GUESTS, audited
from machine import COMMAND_LIMIT, Machine

BLUNDER = GUESTS / "blunder"
CREATE = "vane create /guests/blunder.cfg"
READY = r"blunder: 7 calls were refused"
CRASH = r"(?s)an NMI came.*calls, the latest first:"
LIMIT = 4 * COMMAND_LIMIT

# What blunder.c does wrong: call, command, error, words of the rule.
REFUSALS = (
    ("", "", "ENOSYS", "not offered"),
    ("mmuext_op", "MMUEXT_PIN_L1_TABLE", "EINVAL", "mapped writable"),
    ("event_channel_op", "EVTCHNOP_send", "EINVAL", "port is not bound"),
    ("domctl", "XEN_DOMCTL_pausedomain", "EPERM", "only the control domain"),
    ("update_va_mapping", "", "EBUSY", "an L4 page table"),
    ("memory_op", "XENMEM_current_reservation", "EFAULT", "not mapped"),
    ("event_channel_op", "EVTCHNOP_send", "EINVAL", "port is not bound"),
)


@pytest.fixture(scope="module")
def lab(request):
    started = Machine("debugging", "--guest", f"blunder={BLUNDER},memory=8")
    with audited(request, started) as machine:
        yield machine


@pytest.fixture
def blunder(lab):
    """The guest after its refused calls; at the end it is gone."""
    def make(*settings):
        lab.ok(" ".join((CREATE, *settings, "2>/dev/null")))
        lab.until("vane console --show blunder", READY, LIMIT)
        return lab
    yield make
    lab.run("vane destroy blunder 2>/dev/null")
    lab.until("vane list | wc -l", r"^2\n", LIMIT)


def fetch(machine, command, path):
    """What a command there writes to its standard output, into a file here."""
    text = machine.ok(f"{command} | gzip -9 | base64", LIMIT)
    path.write_bytes(gzip.decompress(base64.b64decode(text)))


def in_gdb(gdb, core, *commands):
    line = [gdb, "-q", "-nx", "-batch"]
    for command in commands:
        line += ["-ex", command]
    return subprocess.run([*line, str(BLUNDER), str(core)], check=True,
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def test_why_names_each_refused_call_and_its_rule(blunder):
    lab = blunder()
    said = json.loads(lab.ok("vane why --json blunder"))
    assert [(r["call_name"], r["command"], r["error"]) for r in said] == \
        [row[:3] for row in REFUSALS]
    for refusal, row in zip(said, REFUSALS):
        assert row[3] in refusal["rule"], refusal
    assert said[0]["call"] == 60
    assert "was found" not in lab.ok("vane console --show blunder")
    # one operation was left undone; its first words: command and frame; a port
    assert said[1]["arguments"][1] == "0x1"
    assert said[1]["structure"][0].endswith("0") and \
        len(said[1]["structure"]) == 2
    assert said[2]["structure"][0] == hex(77)
    assert said[5]["arguments"][1] == hex(0x123450)


def test_why_in_words(blunder):
    text = blunder().ok("vane why blunder")
    assert "mmuext_op MMUEXT_PIN_L1_TABLE -> EINVAL\n" \
        "    rule: the frame is mapped writable somewhere\n" in text
    assert "call 60, which does not exist -> ENOSYS" in text


def test_why_is_bounded_and_asking_adds_nothing(lab):
    """A vCPU's last seven, and no more when it is asked again."""
    for _ in range(10):
        lab.run("vane trigger 0 power")
    first = json.loads(lab.ok("vane why -j 0"))
    assert len(first) == 7
    assert first == sorted(first, key=lambda r: r["number"])
    second = json.loads(lab.ok("vane why -j 0"))
    assert [r["number"] for r in first] == [r["number"] for r in second]


def test_backtrace_of_a_running_guest_has_names(blunder):
    lab = blunder()
    text = lab.ok("vane backtrace blunder")
    assert "vCPU 0 of domain" in text and "in guest kernel mode" in text
    assert re.search(r"\n    [0-9a-f]{16} guest_main\+0x", text), text
    # and it runs on
    assert lab.ok("vane list blunder").split()[-2] == "-b----"


def test_trigger_says_what_it_cannot(blunder):
    lab = blunder()
    power = lab.run("vane trigger blunder power 2>&1")
    assert power.status == 1 and "has no power button" in power.out
    vcpu = lab.run("vane trigger blunder nmi 5 2>&1")
    assert vcpu.status == 1 and "has no vCPU 5" in vcpu.out
    word = lab.run("vane trigger blunder bell 2>&1")
    assert word.status == 1 and '"bell"' in word.out


def test_a_crash_leaves_a_backtrace_in_the_log(blunder):
    lab = blunder()
    lab.ok("vane trigger blunder nmi")
    lab.until("vane list | wc -l", r"^2\n", LIMIT)
    log = lab.ok("vane console --show blunder 2>/dev/null")
    assert re.search(CRASH, log), log
    calls = log[log.index("latest first"):]
    names = re.findall(r"\n    [0-9a-f]{16} (\w+)\+0x", calls)
    assert names[:3] == ["blunder_inner", "blunder_outer", "on_nmi"], calls
    assert "cr2 0000000000123450" in log
    assert "came back" not in log
    # the hypervisor's own log has the reason
    assert lab.ok("vane dmesg | grep -c 'domain [0-9]* crashed: '") != "0\n"


def test_a_crash_leaves_a_core_that_gdb_opens(blunder, gdb, tmp_path):
    lab = blunder("on_crash='\"coredump-destroy\"'")
    lab.ok("vane trigger blunder nmi")
    lab.until("vane list | wc -l", r"^2\n", LIMIT)
    fetch(lab, "cat /var/log/vane/core-blunder", tmp_path / "core")
    assert lab.ok("stat -c %a /var/log/vane/core-blunder") == "600\n"
    lab.ok("rm /var/log/vane/core-blunder")
    said = in_gdb(gdb, tmp_path / "core", "bt 3", "info registers rip",
                  "print refused", "print page[0]", "info threads")
    assert re.search(r"#0 .*blunder_inner \(at=1193040\)", said), said
    assert re.search(r"#1 .*blunder_outer", said), said
    assert re.search(r"#2 .*on_nmi", said), said
    assert re.search(r"rip +0x\w+ +0x\w+ <blunder_inner", said), said
    assert "$1 = 7" in said and "$2 = 0" in said, said


def test_dump_core_leaves_the_guest_running(blunder, gdb, tmp_path):
    lab = blunder()
    fetch(lab, "vane dump-core blunder -", tmp_path / "core")
    assert lab.ok("vane list blunder").split()[-2] == "-b----"
    said = in_gdb(gdb, tmp_path / "core", "bt", "print/x *start_info")
    assert "guest_main" in said and "nr_pages = 0x800" in said, said
    refused = lab.run("vane dump-core blunder /nowhere/core 2>&1")
    assert refused.status == 1 and "cannot write /nowhere/core" in refused.out

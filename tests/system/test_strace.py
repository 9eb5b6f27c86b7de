# SPDX-License-Identifier: MIT
"""test_strace.py - a domain's calls are shown as it makes them, and whatever ends
that leaves nothing behind.
"""

import json
import re

import pytest

from conftest import GUESTS, audit, audited
from machine import COMMAND_LIMIT, Machine

LIMIT = 4 * COMMAND_LIMIT
# Frames that a trace takes: a page for itself, and its ring.
RING = 33

HEX = r"0x[0-9a-f]+"
# What caller.c does, in order: the call, whether it was inside another, result.
KNOWN = (
    (r"event_channel_op\(EVTCHNOP_alloc_unbound, \{dom=DOMID_SELF, "
     r"remote_dom=0, port=(\d+)\}\)", "", "0"),
    (r"event_channel_op\(EVTCHNOP_close, \{port=\d+\}\)", "", "0"),
    (r"event_channel_op\(EVTCHNOP_send, \{port=77\}\)", "", "-EINVAL"),
    (r"event_channel_op\(EVTCHNOP_send, 0x123450\)", "", "-EFAULT"),
    (r"event_channel_op\(EVTCHNOP_alloc_unbound, \{dom=DOMID_SELF, "
     r"remote_dom=[1-9]\d*, port=\d+\}\)", "", "0"),
    (r"event_channel_op\(EVTCHNOP_status, \{dom=DOMID_SELF, port=\d+, "
     r"status=1, vcpu=0\}\)", "", "0"),
    (r"event_channel_op\(EVTCHNOP_close, \{port=\d+\}\)", "", "0"),
    (r"xen_version\(XENVER_version, NULL\)", "", "0x40011"),
    (r"xen_version\(XENVER_get_features, \{submap_idx=0, submap=" + HEX +
     r"\}\)", "", "0"),
    (r"memory_op\(XENMEM_maximum_reservation, \{domid=DOMID_SELF\}\)", "",
     r"\d+"),
    (r"grant_table_op\(GNTTABOP_query_size, \[\{dom=DOMID_SELF, nr_frames=\d+, "
     r"max_nr_frames=64, status=0\}\], 1\)", "", "0"),
    (r"vcpu_op\(VCPUOP_is_up, 9, NULL\)", "", "-ENOENT"),
    (r'console_io\(CONSOLEIO_write, 14, "say \\"this\\"\\n\\x01\.\\x00"\)', "",
     "-EPERM"),
    (r"sysctl\(\{XEN_SYSCTL_paravane\}\)", "", "-EPERM"),
    (r"call 60\(0x1, 0x2, 0x3, 0x4\)", "", "-ENOSYS"),
    (r"call 305419896\(0, 0, 0, 0\)", "", "-ENOSYS"),
    (r"mmuext_op\(\[\{MMUEXT_TLB_FLUSH_LOCAL\}\], 1, NULL, DOMID_SELF\)", "",
     "0"),
    (r"mmuext_op\(\[\{MMUEXT_PIN_L1_TABLE, mfn=" + HEX + r"\}\], 1, NULL, "
     r"DOMID_SELF\)", "", "-EINVAL"),
    (r"mmu_update\(\[\{MMU_NORMAL_PT_UPDATE, ptr=0xfffffffffffffff8, val=0\}\], "
     r"1, NULL, DOMID_SELF\)", "", "-EINVAL"),
    (r"update_va_mapping\(0xffffffff80[0-9a-f]+, " + HEX + r", UVMF_INVLPG\)",
     "", "0"),
    (r"mmu_update\(\[\{MMU_NORMAL_PT_UPDATE, ptr=" + HEX + r", val=0\}, "
     r"\{MMU_NORMAL_PT_UPDATE, ptr=" + HEX + r", val=0x1\}, \.\.\.\], 1000, NULL, "
     r"DOMID_SELF\)", "", r"\?"),
    (r"set_segment_base\(SEGBASE_FS, 0x5000\)", "+", "0"),
    (r"event_channel_op\(EVTCHNOP_send, \{port=77\}\)", "+", "-EINVAL"),
    (r"vm_assist\(enable, writable_pagetables\)", "+", "0"),
)
LINE = re.compile(r" *(\d+\.\d{6}) +(\d+) (\+ )?(\S.*\)) = (\S+) <(\d+)>"
                  r"( \(again\))?")


@pytest.fixture(scope="module")
def lab(request):
    # the caller and who watches it may run at once; on one CPU: test_linux.py
    started = Machine("strace", "--cpus", "2", "--guest",
                      f"caller={GUESTS}/caller,memory=8")
    with audited(request, started) as machine:
        machine.settle()
        yield machine


@pytest.fixture
def caller(lab):
    """Makes callers, paused; at the end no frame is missing."""
    lab.until("vane list | wc -l", r"^2\n", LIMIT)
    before = audit(lab)

    def make(name="caller", arguments=""):
        lab.ok(f"vane create -p /guests/caller.cfg name='\"{name}\"' "
               f"extra='\"{arguments}\"' 2>/dev/null")
        return lab
    yield make
    lab.run("killall vane 2>/dev/null; for n in caller other; do "
            "vane destroy $n 2>/dev/null; done")
    lab.until("vane list | wc -l", r"^2\n", LIMIT)
    after = audit(lab)
    assert (after[0], after[1]) == (0, before[1]), after[2]


def watch(lab, options="", name="caller"):
    """Strace into /tmp/NAME, as process $pid; it has begun when this returns."""
    before = audit(lab)[1]
    lab.ok(f"vane strace {options} {name} >/tmp/{name} 2>/tmp/{name}.err & "
           f"echo $! >/tmp/{name}.pid")
    lab.until("vane audit", rf"free frames {before - RING}\b", LIMIT)


def run_to_the_end(lab, name="caller"):
    lab.ok(f"vane unpause {name}")
    lab.until(f"vane console --show {name}", r"caller: done", LIMIT)


def end(lab, name="caller", show="cat {}"):
    """As Ctrl-C does; what it wrote, as the command SHOW gives it."""
    lab.ok(f"kill -TERM $(cat /tmp/{name}.pid) || ! cat /tmp/{name}.err")
    lab.until(f"kill -0 $(cat /tmp/{name}.pid) 2>&1 || echo gone", "gone", LIMIT)
    return lab.ok(show.format(f"/tmp/{name}"), LIMIT)


def lines_of(text):
    found = []
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        found.append(match.groups())
    return found


def test_each_call_is_a_line(caller):
    lab = caller()
    watch(lab)
    run_to_the_end(lab)
    lines = lines_of(end(lab))
    times = [float(line[0]) for line in lines if not line[2]]
    assert times == sorted(times)
    at = 0
    for call, inner, result in KNOWN:
        for at in range(at, len(lines)):
            _, vcpu, plus, text, answer, ticks, again = lines[at]
            if re.fullmatch(call, text) and not again:
                break
        else:
            raise AssertionError(f"no {call} in its place")
        assert re.fullmatch(result, answer), lines[at]
        assert bool(plus) == bool(inner) and vcpu == "0", lines[at]
        at += 1
    # the list is shown after what is in it, and may be stopped in between
    lists = [line for line in lines if line[3].startswith("multicall(")]
    assert re.fullmatch(rf"multicall\({HEX}, 3\)", lists[0][3])
    assert lists[-1][4] == "0" and lines.index(lists[-1]) >= at
    # what is stopped half way goes on in the lines that follow
    stopped = [n for n, line in enumerate(lines) if line[4] == "?" and
               line not in lists]
    assert stopped
    for n in stopped:
        assert lines[n + 1][3].startswith("mmu_update(") and lines[n + 1][6]
    assert lines[stopped[-1] + 1][4] == "0"


def test_the_summary_agrees_with_the_lines(caller):
    lab = caller()
    watch(lab, "-j")
    run_to_the_end(lab)
    calls = json.loads(end(lab))
    assert not any("lost" in call for call in calls)
    counted = {}
    for call in calls:
        name = " ".join(filter(None, (call["call_name"] or
                                      f"call {call['call']}", call["command"])))
        row = counted.setdefault(name, [0, 0, 0])
        row[0] += not call["unfinished"]
        row[1] += call["result"].startswith("-")
        row[2] += call["unfinished"]
    lab.ok("vane destroy caller")
    lab.until("vane list | wc -l", r"^2\n", LIMIT)

    caller()
    watch(lab, "-c -j")
    run_to_the_end(lab)
    said = json.loads(end(lab))
    assert said["lost"] == 0
    for key in ("calls", "errors", "again", "ticks"):
        assert said[key] == sum(row[key] for row in said["rows"])
    rows = {row["name"]: [row["calls"], row["errors"], row["again"]]
            for row in said["rows"]}
    # its console and its sleep depend on who else runs
    for name in ("event_channel_op EVTCHNOP_send", "sched_op SCHEDOP_yield",
                 "sched_op SCHEDOP_poll"):
        rows.pop(name, None)
        counted.pop(name, None)
    # and so does how often a long call is stopped, and whether a list of calls is
    assert counted["mmu_update MMU_NORMAL_PT_UPDATE"].pop() > 0
    assert rows["mmu_update MMU_NORMAL_PT_UPDATE"].pop() > 0
    counted["multicall"].pop()
    rows["multicall"].pop()
    assert rows == counted
    ticks = [row["ticks"] for row in said["rows"]]
    assert ticks == sorted(ticks, reverse=True) and min(ticks) > 0


def test_the_table_in_words(caller):
    lab = caller()
    watch(lab, "--summary")
    run_to_the_end(lab)
    rows = end(lab).splitlines()
    assert rows[0].split() == ["%", "ticks", "ticks/call", "calls", "errors",
                               "again", "call"]
    assert rows[-1].startswith("100.00 ") and rows[-1].endswith(" total")
    assert any(re.fullmatch(r" *\d+\.\d\d +\d+ +\d+ +1 +1 +0 vcpu_op VCPUOP_is_up",
                            row) for row in rows)


@pytest.mark.parametrize("expression, shown", (
    ("trace=mmuext_op,xen_version",
     {"mmuext_op(", "xen_version("}),
    ("EVTCHNOP_status,vm_assist",
     {"event_channel_op(EVTCHNOP_status", "vm_assist("}),
    ("!event_channel_op,sched_op,mmu_update,EVTCHNOP_send", None),
))
def test_a_filter(caller, expression, shown):
    lab = caller()
    watch(lab, f"-e '{expression}'")
    run_to_the_end(lab)
    calls = [line[3] for line in lines_of(end(lab))]
    if shown:
        assert all(call.startswith(tuple(shown)) for call in calls), calls
        for start in shown:
            assert any(call.startswith(start) for call in calls), start
    else:
        names = {call.split("(")[0] for call in calls}
        assert not names & {"event_channel_op", "sched_op", "mmu_update"}
        assert {"call 60", "multicall", "console_io", "sysctl"} <= names


def test_a_name_that_nothing_has(lab):
    said = lab.run("vane strace -e mmu_update,nonsense 0 2>&1")
    assert said.status == 2 and '"nonsense"' in said.out


def test_so_many_calls_and_no_more(caller):
    lab = caller(arguments="busy")
    run_to_the_end(lab)
    assert len(lines_of(lab.ok("vane strace -n 7 caller", LIMIT))) == 7
    assert len(lines_of(lab.ok("vane strace -n 3 -e xen_version caller",
                               LIMIT))) == 3


def test_nothing_is_lost_unless_told_not_to_wait(caller):
    """Whoever reads is slow; the guest waits, or not."""
    lab = caller(arguments="busy")
    run_to_the_end(lab)
    slow = "(sleep 2; cat >/tmp/out); grep -c 'came too fast' /tmp/out"
    assert lab.run(f"vane strace -n 6000 caller | {slow}", LIMIT).out == "0\n"
    lines = lab.ok("wc -l </tmp/out")
    assert lines == "6000\n"
    lost = lab.run(f"vane strace -w -n 6000 caller | {slow}", LIMIT).out
    assert int(lost) > 0
    assert re.search(r" [1-9]\d* calls came too fast\n",
                     lab.ok("grep 'came too fast' /tmp/out"))


def test_the_domain_is_destroyed_under_it(caller):
    lab = caller(arguments="busy")
    run_to_the_end(lab)
    watch(lab, "-c")
    lab.ok("vane destroy caller")
    lab.until("kill -0 $(cat /tmp/caller.pid) 2>&1 || echo gone", "gone", LIMIT)
    assert lab.ok("tail -n 1 /tmp/caller").endswith(" total\n")
    assert lab.ok("cat /tmp/caller.err") == ""


def test_the_domain_shuts_down_under_it(caller):
    """Its last call is shown, and strace ends by itself."""
    lab = caller(arguments="end")
    watch(lab)
    lab.ok("vane unpause caller")
    lab.until("kill -0 $(cat /tmp/caller.pid) 2>&1 || echo gone", "gone", LIMIT)
    last = lines_of(lab.ok("cat /tmp/caller"))[-1]
    assert last[3] == "sched_op(SCHEDOP_shutdown, {reason=0})"


def test_killed_it_leaves_nothing(caller):
    """The hypervisor sees that nobody reads, whether the guest calls or not."""
    lab = caller(arguments="busy")
    caller("other")
    run_to_the_end(lab)
    run_to_the_end(lab, "other")
    free = audit(lab)[1]
    watch(lab, "-c")
    watch(lab, "-c", "other")
    lab.ok("kill -9 $(cat /tmp/caller.pid) $(cat /tmp/other.pid)")
    lab.until("vane audit", rf"errors 0, free frames {free}\b", LIMIT)
    # and it can be traced again
    assert len(lines_of(lab.ok("vane strace -n 1 caller", LIMIT))) == 1


def test_one_at_a_time_for_a_domain_and_any_number_of_domains(caller):
    lab = caller(arguments="busy")
    run_to_the_end(lab)
    caller("other")
    watch(lab, "-e xen_version")
    watch(lab, name="other")
    second = lab.run("vane strace caller 2>&1")
    assert second.status == 1 and "traced already" in second.out
    run_to_the_end(lab, "other")
    # each shows its own domain's calls: this one makes no others, and so many
    # that they are not all for the serial line
    mine = end(lab, show="sed 's/^ *[0-9.]* *0 //; s/ <[0-9]*>$//' {} | uniq")
    assert set(mine.splitlines()) == \
        {"xen_version(XENVER_version, NULL) = 0x40011"}
    other = {line[3].split("(")[0] for line in lines_of(end(lab, "other"))}
    assert {"mmuext_op", "multicall", "console_io"} <= other


def test_the_control_domain_itself(lab):
    """It never waits for itself."""
    said = lab.ok("vane strace -n 2000 -c -j 0", LIMIT)
    said = json.loads(said)
    assert said["calls"] + said["again"] == 2000
    assert any(row["name"] == "sysctl XEN_SYSCTL_paravane" for row in said["rows"])

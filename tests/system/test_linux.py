# SPDX-License-Identifier: MIT
"""test_linux.py - the life of Debian's kernel as a guest, on one CPU.

One machine for all tests, and one guest for those that leave it as it was.
Not here: its memory, its clocks, its vCPUs (test_linux_*.py); what a command
refuses (test_vane.py).
"""

import json

import pytest

import linux_guest as linux
from conftest import Kept, audit, kept


class Host(Kept):
    """A control domain with the guest's files."""

    name, options = "linux-life", linux.OPTIONS

    def prepare(self):
        self.machine.settle()


_host = kept(Host)


@pytest.fixture
def host(request, _host):
    yield from _host.lend(request)


def test_it_boots_to_a_shell(host):
    with linux.Guest(host.machine) as guest:
        assert guest.ok("uname -v").endswith("Debian 6.1.192-2 (2026-11-16)\n")
        assert "xen:events: Using 2-level ABI" in guest.ok("dmesg")
        guest.check_log()


def test_its_event_channels_are_fifo_if_its_file_says_so(host):
    with linux.Guest(host.machine, "max_event_channels=131071 vcpus=2") as guest:
        assert "xen:events: Using FIFO-based ABI" in guest.ok("dmesg")
        # interrupts between its vCPUs, the timers' and the console's all arrive
        before = guest.ok("grep -E 'spinlock|resched|callfunc|timer' /proc/interrupts")
        guest.ok("for i in $(seq 60); do sleep 0.01 & (echo $i | cat >/dev/null); done; wait")
        assert guest.ok("grep -E 'spinlock|resched|callfunc|timer' /proc/interrupts") \
            != before
        assert guest.ok("grep -c xen-dyn /proc/interrupts").strip() != "0"
        guest.check_log()
    errors, _, said = audit(host.machine)
    assert errors == 0, said


def test_all_calls_of_its_boot_can_be_watched(host):
    """None is lost on one CPU, and it is refused only what it may be refused."""
    shell = host.machine
    guest = linux.Guest(shell)
    guest.create = guest.create.replace("vane create", "vane create -p")
    guest.start()
    shell.ok("vane strace -c -j linux >/tmp/calls & echo $! >/tmp/strace.pid")
    shell.ok("vane unpause linux")
    guest.login(2 * linux.BOOT_LIMIT)
    guest.leave()
    shell.ok("kill -TERM $(cat /tmp/strace.pid)")
    shell.until("kill -0 $(cat /tmp/strace.pid) 2>&1 || echo gone", "gone")
    said = json.loads(shell.ok("cat /tmp/calls"))
    assert said["lost"] == 0
    rows = {row["name"]: row for row in said["rows"]}
    refused = {name for name, row in rows.items() if row["errors"]}
    assert refused <= {"console_io CONSOLEIO_write", "vcpu_op VCPUOP_is_up",
                       "xenpmu_op", "event_channel_op EVTCHNOP_init_control",
                       "event_channel_op EVTCHNOP_set_priority"}, refused
    # it asks for each vCPU that there might be
    assert rows["vcpu_op VCPUOP_is_up"]["calls"] == 8192
    assert rows["vcpu_op VCPUOP_is_up"]["errors"] == 8191
    for name in ("mmu_update MMU_NORMAL_PT_UPDATE", "iret", "multicall",
                 "mmuext_op MMUEXT_PIN_L4_TABLE", "mmuext_op MMUEXT_NEW_BASEPTR"):
        assert rows[name]["calls"] > 20, name
    guest.destroy()

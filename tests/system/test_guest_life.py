# SPDX-License-Identifier: MIT
"""test_guest_life.py - what a guest does when it is asked to, through the store.

The guest is the guest kernel with a shell (/guests/small.cfg). What its kernel
does with a bad store is tests/kernel/storeclient.c's; what the commands refuse
is test_vane.py's.
"""

import re

from conftest import domains

CREATE = "vane create /guests/small.cfg maxmem=48"
SAID = "cat /var/log/vane/guest-small.log"


def create(host, more=""):
    """A guest whose shell waits; its log begins with it."""
    host.run("rm -f /var/log/vane/guest-small.log")
    host.ok(f"{CREATE} {more}")
    host.until(SAID, r"/root # ")


def type_in(host, line):
    """As a person would, at its console, who then leaves it by Ctrl-]."""
    host.ok(rf"printf '%s\n\035' '{line}' | vane console small >/dev/null")


def memory(host, number):
    host.until("vane list small", rf"small +\d+ +{number} ")


def test_it_powers_off(host):
    create(host)
    host.ok("vane shutdown -w small")
    host.until("vane list | wc -l", r"^2\n")
    assert "the toolstack asks for: poweroff" in host.ok(SAID)


def test_it_powers_off_while_a_program_runs_for_ever(host):
    create(host)
    type_in(host, "while :; do :; done")
    host.until("vane list small", r" [r-]----- ")
    host.ok("vane shutdown -w small")


def test_it_reboots(host):
    create(host, "on_reboot=restart")
    before, _ = domains(host)["small"]
    host.ok("vane reboot -w small")
    host.until("vane list small 2>&1", rf"small +(?!{before} )\d+ ")
    host.until(SAID, r"/root # ")


def test_what_it_cannot_do_it_says_and_goes_on(host):
    create(host)
    number, _ = domains(host)["small"]
    node = f"/local/domain/{number}/control/shutdown"
    host.ok(f"vane store write {node} suspend")
    host.until(SAID, "asks for: suspend\nthat is not offered here")
    assert host.ok(f"vane store read {node}") == "\n"


def test_magic_keys(host):
    create(host, "on_crash=preserve")
    for key, answer in (("h", "b reboot, c crash"), ("m", "KiB are free"),
                        ("x", "b reboot"), ("s", "nothing to do")):
        host.ok(f"vane sysrq small {key}")
        host.until(SAID, rf"sysrq: {key}\n.*{answer}")
    host.ok("vane sysrq small c")
    host.until("vane list small", "---sc")
    assert "panic: a crash was asked for" in host.ok(SAID)


def test_memory_comes_and_goes(host):
    create(host)
    host.ok("vane mem-set small 20")
    memory(host, 20)
    host.ok("vane mem-set small 48")
    memory(host, 48)
    host.ok("vane sysrq small m")
    said = host.until(SAID, r"\d+ of \d+ KiB are free")
    assert int(re.search(r"of (\d+) KiB are free", said)[1]) > 40 * 1024
    type_in(host, "echo $((6 * 7))")
    host.until(SAID, r"\n42\n")


def test_it_keeps_what_it_needs_to_live(host):
    """It can give more only when programs end, and then it does."""
    create(host)
    host.ok("vane mem-set small 1")
    memory(host, "[2-9]")
    type_in(host, "echo still $((40 + 2))")
    host.until(SAID, r"\nstill 42\n")
    host.ok("vane mem-set small 32")
    memory(host, 32)


def test_it_finds_the_store_again(host):
    """The daemon is killed while the guest runs; the next one has its ring."""
    create(host)
    host.ok("kill -9 $(pidof xenstored)")
    host.until("vane list small 2>&1", r"small +\d+ ")
    host.ok("vane sysrq small h")
    host.until(SAID, "sysrq: h\n")
    host.ok("vane shutdown -w small")


def test_the_store_by_the_kernel(host):
    """/dev/xen/xenbus: the domain's own ring, beside the daemon's socket."""
    by_ring = "XENSTORED_PATH=/dev/xen/xenbus"
    host.ok(f"{by_ring} vane store write /here there")
    assert host.ok("vane store read /here") == "there\n"
    host.ok(f"{by_ring} timeout -s KILL 600 vane store watch -n 3 /here "
            ">/tmp/seen &")
    host.until("cat /tmp/seen", r"^/here\n")
    host.ok("vane store write /here now; vane store rm /here")
    host.until("cat /tmp/seen", r"^/here\n/here\n/here\n")
    # more than the ring holds at once, both ways
    host.ok(f"{by_ring} vane store write /big $(yes 12345678 | head -250 | "
            "tr -d '\\n')")
    assert host.ok(f"{by_ring} vane store read /big | wc -c") == "2001\n"
    host.ok("vane store rm /big")


def test_daemons_are_started_again(host):
    for name in ("xenstored", "vane-monitord", "consoled"):
        before = host.ok(f"pidof {name}").strip()
        host.ok(f"kill -9 {before}")
        host.wait_for(rf"init: {name} ended \(SIGKILL\) and is started again",
                      0)
        host.until(f"pidof {name} || true", rf"^(?!{before}\b)\d+\n")
    host.until("vane list 2>&1", "Domain-0 ")

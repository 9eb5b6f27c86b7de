# SPDX-License-Identifier: MIT
"""test_vane.py - the main job: guests are created, shown and destroyed."""

import json
import re

import pytest

from conftest import domains
from machine import CPUS, PROMPT

HELLO = "vane create /guests/hello.cfg"
STAY = "vane create /guests/rogue.cfg extra='\"stay\"'"


def test_list_shows_the_control_domain(shell):
    lines = shell.ok("vane list").splitlines()
    assert re.match(r"Name +ID +Mem +VCPUs\s+State\s+Time\(s\)$", lines[0])
    assert re.match(r"Domain-0 +0 +\d+ +1 +r----- +\d+\.\d$", lines[1])


def test_a_guest_runs_and_ends_by_itself(host):
    host.ok(HELLO)
    assert "hello" in domains(host)
    # on a slow host it may be gone before this is asked
    waited = host.run("vane wait hello 2>&1")
    assert waited.status == 0 or "there is no domain" in waited.out, waited
    host.until("vane list | wc -l", r"^2\n")
    log = host.ok("cat /var/log/vane/guest-hello.log")
    assert log.startswith("Hello from ring 3")
    assert log.endswith("Goodbye.\n")


def test_two_guests_at_once(host):
    host.ok(STAY + " name='\"one\"'")
    host.ok(STAY + " name='\"two\"'")
    assert set(domains(host)) == {"one", "two"}
    for name in ("one", "two"):
        host.until(f"vane console --show {name}", "rogue: stay")
    host.ok("vane destroy one")
    assert set(domains(host)) == {"two"}


def test_pause_and_unpause(host):
    host.ok(STAY)
    host.until("vane list rogue", r"-b----")
    host.ok("vane pause rogue")
    assert domains(host)["rogue"][1] == "-bp---"
    host.ok("vane unpause rogue")
    assert domains(host)["rogue"][1] == "-b----"


def test_create_paused_runs_nothing(host):
    host.ok("vane create -p /guests/hello.cfg")
    assert domains(host)["hello"][1] == "--p---"
    assert host.ok("vane console --show hello") == ""
    host.ok("vane unpause hello")
    host.until("cat /var/log/vane/guest-hello.log", "Goodbye")


def test_a_guest_that_never_yields_is_time_shared(host):
    """The shell stays usable, and both loops get time."""
    host.ok("vane create /guests/rogue.cfg name='\"a\"' extra='\"loop\"'")
    host.ok("vane create /guests/rogue.cfg name='\"b\"' extra='\"loop\"'")

    def times():
        return {line.split()[0]: float(line.split()[5])
                for line in host.ok("vane list").splitlines()[1:]}
    before = times()
    host.ok("sleep 2")
    after = times()
    for name in ("a", "b"):
        assert after[name] - before[name] > 0.2, (before, after)


def test_console_attaches_types_and_leaves(host):
    """The small guest's shell, through vane console, left with Ctrl-]."""
    host.ok("vane create /guests/small.cfg")
    host.until("vane console --show small", r"# ")
    start = len(host.seen)
    host.type_line("vane console small; echo le'f't")
    host.wait_for(r"built-in shell", start)
    host.send("echo gu'e'st; uname -n\n")
    host.wait_for(r"\nguest\n", start)
    host.send("\x1d")
    host.wait_for(r"\nleft\n", start)
    assert host.run("vane domname 0").out == "Domain-0\n"
    assert "guest" in host.ok("vane console --show small")


def test_create_with_console_shows_the_first_byte(host):
    start = len(host.seen)
    host.type_line("vane create -c /guests/hello.cfg; echo le'f't")
    host.wait_for(r"Hello from ring 3", start)
    host.wait_for(r"Goodbye\.(.|\n)*\nleft\n", start)
    assert host.run("echo back").out == "back\n"


def test_poweroff_inside_a_guest_ends_it(host):
    host.ok("vane create /guests/small.cfg")
    host.until("vane console --show small", r"# ")
    start = len(host.seen)
    host.type_line("vane console small; echo le'f't")
    host.wait_for(r"built-in shell", start)
    host.wait_for(PROMPT, start)
    host.send("poweroff\n")
    host.wait_for(r"\nleft\n", start)
    host.until("vane list | wc -l", r"^2\n")


def test_ids_and_names(host):
    host.ok(STAY)
    number = domains(host)["rogue"][0]
    assert host.ok("vane domid rogue") == f"{number}\n"
    assert host.ok(f"vane domname {number}") == "rogue\n"
    host.ok(f"vane destroy {number}")
    assert host.run("vane domid rogue").status == 1


def test_a_name_is_given_once(host):
    host.ok(STAY)
    again = host.run(STAY)
    assert again.status == 3
    assert "rogue" in again.out
    assert len(domains(host)) == 1


def test_list_as_json(host):
    host.ok(STAY)
    rows = json.loads(host.ok("vane list --json"))
    assert [row["name"] for row in rows] == ["Domain-0", "rogue"]
    assert rows[1]["memory_kib"] == 16384
    rows = json.loads(host.ok("vane list -l rogue"))
    assert rows[0]["config"]["c_info"]["name"] == "rogue"


def test_keys_on_the_command_line_win(host):
    host.ok(STAY + " memory=24 name='\"other\"'")
    line = host.ok("vane list other").splitlines()[1].split()
    assert line[0] == "other" and line[2] == "24"


def test_extra_reaches_the_guest(host):
    host.ok("vane create /guests/rogue.cfg extra='\"stay here  now\"'")
    host.until("vane console --show rogue", r"rogue: stay here  now, 4096")


def test_info(shell):
    out = shell.ok("vane info")
    rows = dict(re.findall(r"^(\w+) +: (.*)$", out, re.M))
    assert rows["nr_cpus"] == str(CPUS)
    assert (rows["xen_major"], rows["xen_minor"]) == ("4", "17")
    assert int(rows["total_memory"]) in (1023, 1024)
    assert 0 < int(rows["free_memory"]) < 1000


def test_dmesg_tells_what_the_hypervisor_said(shell, ours):
    out = shell.ok("vane dmesg | sed 's/^/:/'")
    assert re.match(r":\(pv\) Paravane", out)
    assert len(out.splitlines()) > 3


def test_version(shell):
    assert re.match(r"vane \d+\.\d+\nhypervisor 4\.17", shell.ok(
        "vane version"))


def test_help_names_every_command(shell):
    out = shell.ok("vane help")
    for word in ("create", "list", "destroy", "pause", "unpause", "console",
                 "info", "dmesg", "domid", "domname", "help"):
        assert re.search(rf"^ *{word}\b", out, re.M), word
    assert "-p" in shell.ok("vane help create")


@pytest.mark.parametrize("command, status, words", [
    ("vane", 2, "vane help"),
    ("vane frobnicate", 1, "frobnicate"),
    ("vane destroy", 2, "destroy"),
    ("vane list --wrong", 2, "wrong"),
    ("vane destroy nobody", 1, "nobody"),
    ("vane destroy 4711", 1, "4711"),
    ("vane pause 4711", 1, "4711"),
    ("vane unpause 4711", 1, "4711"),
    ("vane console 4711", 1, "4711"),
    ("vane list 4711", 1, "4711"),
    ("vane domid nobody", 1, "nobody"),
    ("vane domname 4711", 1, "4711"),
    ("vane destroy 0", 1, "Domain-0"),
])
def test_refusals_have_codes_and_words(shell, command, status, words):
    result = shell.run(f"{command} 2>&1 </dev/null")
    assert result.status == status, result
    assert words in result.out


def test_unpause_of_what_runs_is_no_crime(host):
    """As xl: pausing twice needs one unpause; more are refused or ignored."""
    host.ok(STAY)
    host.run("vane unpause rogue")
    host.until("vane list rogue", r"-b----")


@pytest.mark.parametrize("how, reason", [
    ("end", "on_poweroff"), ("reboot", "on_reboot"), ("crash", "on_crash")])
def test_what_happens_at_the_end(host, how, reason):
    """`preserve` keeps the shut-down domain, `destroy` takes it away."""
    create = f"vane create /guests/rogue.cfg extra='\"{how}\"' {reason}="
    host.ok(create + "'\"preserve\"'")
    host.until("vane list rogue", r"---s-.|----c-|---sc-")
    assert "rogue: " in host.ok("cat /var/log/vane/guest-rogue.log")
    host.ok("vane destroy rogue")
    host.ok(create + "'\"destroy\"'")
    host.until("vane list | wc -l", r"^2\n")


def test_restart_on_reboot(host):
    """It comes back under the same name, with the same settings and another
    id."""
    host.ok("vane create /guests/rogue.cfg extra='\"later reboot\"' "
            "on_reboot='\"restart\"' memory=17")
    first = domains(host)["rogue"][0]
    line = host.until("vane list", rf"rogue +(?!{first} )\d+ +17 ")
    assert line
    config = host.until("vane config rogue", r'memory = "17"')
    assert "made from /guests/rogue.cfg\n" in config
    # between its end and its next start there is nothing to destroy
    host.until("vane destroy rogue 2>&1 && echo do'n'e", r"^done\n")


def test_a_killed_create_leaves_nothing_half_made(host):
    """Whatever the moment: the domain is whole, or is gone."""
    host.ok("for t in 0 .02 .04 .08 .16 .32 .64; do "
            "vane create -p /guests/small.cfg name=k$t & "
            "sleep $t; kill -9 $!; wait $!; done 2>/dev/null; true")
    host.until("vane store ls /vane/creating; echo .", r"^\.\n")
    for name, (number, letters) in domains(host).items():
        assert re.match(r"k\.?\d", name) and letters == "--p---", name
        host.ok(f"vane destroy {number}")


def test_two_creates_of_one_name_make_one(host):
    host.ok(f"{STAY} & {STAY} & wait; true")
    assert len(re.findall("^rogue ", host.ok("vane list"), re.M)) <= 1


def test_a_domain_paused_to_the_limit_can_be_destroyed(host):
    host.ok(STAY)
    host.ok("while vane pause rogue 2>/dev/null; do :; done")
    host.ok("vane destroy rogue")

# SPDX-License-Identifier: MIT
"""test_steering.py - running guests are steered through the store, and the
tools say what to start when a daemon is missing.
"""

import re

from conftest import domains

STAY = "vane create /guests/rogue.cfg extra='\"stay\"'"


def test_rename_restart_keeps_the_one_that_ended(host):
    host.ok("vane create /guests/rogue.cfg extra=crash on_crash=rename-restart")
    host.until("vane list", r"rogue-20\d{6}T\d{4}Z +\d+ .*---sc-")
    host.until("vane list", r"\nrogue +\d+")
    # each successor crashes too, until there is none of that name
    host.until("vane destroy rogue && echo do'n'e", r"done\n")
    host.until("vane store ls /vane/creating; ls /run/vane/again; echo .",
               r"^\.\n")


def test_with_e_nothing_is_done_at_the_end(host):
    host.ok("vane create -e /guests/rogue.cfg extra=reboot")
    host.until("vane list -v rogue", r"---s-- .* 1 +-$")


def test_a_guest_is_steered_through_the_store(host):
    """mem-set, sysrq, rename, config, uptime, reboot and shutdown: the same
    guest all the way."""
    host.ok("vane create /guests/small.cfg maxmem=64 maxvcpus=3")
    host.until("vane console --show small", r"# ")
    assert re.search(r"^small +\d+ +0:0\d:\d\d$", host.ok("vane uptime small"),
                     re.M)
    config = host.ok("vane config small")
    assert 'name = "small"\n' in config and 'maxmem = "64"\n' in config

    host.ok("vane mem-set small 24")
    host.until("vane list small", r"small +\d+ +24 ")
    host.ok("vane mem-set small 49152k")
    host.until("vane list small", r"small +\d+ +48 ")
    for command, words in [
            ("vane mem-set small 65", "more than the maxmem="),
            ("vane mem-set small 512k", "too little"),
            ("vane mem-max small 40", "lower that first with `vane mem-set`"),
            ("vane vcpu-set small 4", "out of range: 1 to 3"),
            ("vane rename small Domain-0", "is there already, with id 0"),
            ("vane rename 0 x", "Domain-0 cannot be renamed"),
            ("vane mem-set 0 64", "Domain-0 cannot be resized"),
            ("vane shutdown 0", "Domain-0 cannot be shut down"),
            ("vane create /guests/small.cfg", "is there already")]:
        refused = host.run(f"{command} 2>&1")
        assert refused.status in (1, 3) and words in refused.out, refused

    host.ok("vane vcpu-set -i small 2")
    number = domains(host)["small"][0]
    assert re.findall(r'= "(\w+)"$', host.ok(
        f"vane store ls -f /local/domain/{number}/cpu | grep avail"),
        re.M) == ["online", "online", "offline"]
    host.ok("vane sysrq small h")
    host.until("vane console --show small", r"sysrq: h\n")

    host.ok("vane rename small other")
    assert host.ok("vane domid other") == f"{number}\n"
    assert host.run("vane domid small").status == 1
    again = host.ok("vane reboot -w other 2>/dev/null")
    assert again == f"Domain {number} has been shut down, reason code 1\n"
    host.until("vane list", rf"other +(?!{number} )\d+ +32 ")
    host.until("vane console --show other", r"# ")
    number = domains(host)["other"][0]
    assert host.ok("vane shutdown -wa 2>/dev/null") == \
        f"Domain {number} has been shut down, reason code 0\n"
    host.until("vane list | wc -l", r"^2\n")


def test_who_does_not_listen_is_asked_all_the_same(host):
    host.ok(STAY)
    asked = host.run("vane shutdown rogue 2>&1")
    assert asked.status == 0
    assert "has not said that it heeds" in asked.out
    assert "vane destroy" in asked.out
    refused = host.run("vane shutdown -F rogue 2>&1")
    assert refused.status == 1 and "no power button" in refused.out


def test_top_in_a_pipe_is_plain_text(host):
    host.ok("vane create /guests/rogue.cfg extra=loop")
    out = host.ok("vane top -i 2 -d 1 | cat")
    assert "\033" not in out
    heads = re.findall(r"^(\d+) domains: ", out, re.M)
    assert heads == ["2", "2"]
    rows = re.findall(r"^ +rogue +(\S+) +\d+ +([\d.]+) +(\d+) ", out, re.M)
    assert len(rows) == 2 and rows[0][1] == "0.0"
    assert float(rows[1][1]) > 10 and rows[1][2] == "16384"


def test_without_the_store_and_monitord(own_machine):
    """What needs them says which to start; the rest works. init's children are
    told to stop, so that nothing starts the daemons again."""
    host = own_machine()
    host.ok("vane create -p /guests/hello.cfg")
    host.ok("kill -STOP 1; for p in $(pidof init sh); do "
            "[ $p = $$ ] || [ $p = 1 ] || kill -9 $p; done; "
            "kill -9 $(pidof vane-monitord)")
    refused = host.run("vane create /guests/hello.cfg name=x 2>&1")
    assert refused.status == 3
    assert "(start it: vane-monitord; or create with -e" in refused.out
    host.ok("vane create -ep /guests/hello.cfg name=x && vane destroy x")
    host.ok("kill -9 $(pidof xenstored)")
    for command in ("destroy hello", "create /guests/hello.cfg name=x",
                    "shutdown -a", "config 1", "store ls /"):
        refused = host.run(f"vane {command} 2>&1")
        assert refused.status == 1, refused
        assert "start it: xenstored" in refused.out, refused
    listed = host.run("vane list 2>&1")
    assert listed.status == 0 and "(unnamed)" in listed.out
    assert "names are not known" in listed.out
    host.ok("vane destroy 1 2>/dev/null")
    # they take up what was left
    host.ok("xenstored && vane-monitord")
    host.ok("vane create /guests/hello.cfg -p")
    host.until("vane store ls /vane/names; vane list", r"^hello = .*\n(.*\n)+hello ")
    second = host.run("vane-monitord 2>&1")
    assert second.status == 1 and "another vane-monitord" in second.out


def test_monitord_may_die(host):
    """What happened meanwhile is looked at by the next one."""
    host.ok("vane create /guests/rogue.cfg extra='later reboot'")
    start = len(host.seen)
    host.ok("vane create /guests/rogue.cfg extra=crash name=kept "
            "on_crash=preserve; kill -9 $(pidof vane-monitord)")
    host.wait_for("init: vane-monitord ended .*\n", start)
    first = domains(host)["kept"][0]
    host.until("vane list", r"kept +\d+ .*c-")
    host.until("vane list", r"rogue +[1-9]")
    host.until("grep -c 'reason 1: restart' /var/log/vane/monitord.log",
               r"^[1-9]")
    assert domains(host)["kept"][0] == first
    host.until("vane destroy rogue && echo do'n'e", r"done\n")


def test_dmesg_follows_the_log(host):
    host.ok("vane dmesg -f > /tmp/log & echo $! > /tmp/pid")
    host.ok("vane create /guests/rogue.cfg extra=crash on_crash=destroy "
            "name=crasher")
    host.until("vane list | wc -l", r"^2\n")
    host.until("wc -l < /tmp/log", r"^\d{1,3}\n")
    host.until("vane dmesg | tail -n 1 > /tmp/last; "
               "grep -cFf /tmp/last /tmp/log", r"^[1-9]")
    host.ok("kill $(cat /tmp/pid)")

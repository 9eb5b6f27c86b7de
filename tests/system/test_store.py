# SPDX-License-Identifier: MIT
"""test_store.py - vane store and libxenstore inside the control domain.

Rule: over the daemon's socket and over the kernel's /dev/xen/xenbus the same
calls do the same, for one thread and for several at once. What the daemon and
the library do beyond that is tested on the host, in tests/store.
"""

import json
import re

import pytest

from conftest import GUESTS, Kept, kept

DEVICE = "XENSTORED_PATH=/dev/xen/xenbus "
WAYS = pytest.mark.parametrize("way", ["", DEVICE], ids=["socket", "device"])


class WithThreads(Kept):
    name = "store"
    options = ("--add", f"{GUESTS}/programs/threads:/bin/threads")


keep = kept(WithThreads)


@pytest.fixture
def shell(request, keep):
    for one in keep.lend(request):
        yield one.machine


@WAYS
def test_a_value_is_written_and_read(shell, way):
    shell.ok(f"{way}vane store write /v/one 'a value' /v/two 'odd\\n\\x1b'")
    assert shell.ok(f"{way}vane store read /v/one") == "a value\n"
    assert shell.ok(f"{way}vane store read -p /v/one /v/two") == \
        "/v/one: a value\n/v/two: odd\\n\\x1b\n"
    assert shell.ok(f"{way}vane store read -R /v/two | od -An -tx1 | tr -d ' '") \
        == "6f64640a1b\n"
    assert shell.ok(f"{way}vane store list /v") == "one\ntwo\n"
    assert shell.ok(f"{way}vane store ls -fp /v") == \
        '/v/one = "a value"   (n0)\n/v/two = "odd\\n\\x1b"   (n0)\n'
    assert json.loads(shell.ok(f"{way}vane store ls -j /v")) == [
        {"path": "/v/one", "value": "a value"},
        {"path": "/v/two", "value": "odd\\n\\x1b"}]
    shell.ok(f"{way}vane store rm -t /v/one /v/two")
    assert shell.run(f"{way}vane store exists /v").status == 1
    assert shell.run(f"{way}vane store exists /local").status == 0


@WAYS
def test_permissions_are_set(shell, way):
    shell.ok(f"{way}vane store mkdir /p/below")
    shell.ok(f"{way}vane store chmod -r /p n0 r5 b6")
    assert re.fullmatch(r'below = ""[ .]+\(n0,r5,b6\)\n',
                        shell.ok(f"{way}vane store ls -p /p"))
    said = shell.run(f"{way}vane store chmod /p q1 2>&1")
    assert said.status == 1 and '"q1" is no permission' in said.out
    shell.ok(f"{way}vane store rm /p")


@pytest.mark.parametrize("watcher, writer", [("", DEVICE), (DEVICE, "")],
                         ids=["socket", "device"])
def test_a_watch_hears_of_the_other_way(shell, watcher, writer):
    shell.ok("rm -f /tmp/heard")
    shell.ok(f"{watcher}vane store watch -n 3 /w >/tmp/heard &")
    shell.until("cat /tmp/heard", r"^/w\n$")
    shell.ok(f"{writer}vane store write /w/x 1")
    shell.ok(f"{writer}vane store rm /w")
    shell.until("cat /tmp/heard", r"^/w\n/w/x\n/w\n$")
    shell.until("pidof vane | wc -w", r"^0\n$")


@WAYS
def test_several_threads_share_a_connection(shell, way):
    out = shell.ok(f"{way}threads 40", limit=600)
    assert re.search(r"^\d+ events, 0 failures$", out, re.M), out
    shell.ok("vane store rm /t")


def test_limits_show_what_a_domain_has(shell):
    shell.ok("vane create -p /guests/hello.cfg")
    domid = shell.ok("vane domid hello").strip()
    rows = {row["quota"]: row for row in json.loads(
        shell.ok("vane store limits --json hello"))}
    assert rows["nodes"]["domid"] == int(domid)
    assert 0 < rows["nodes"]["used"] < rows["nodes"]["limit"] == 1000
    assert rows["watches"]["limit"] == 128
    out = shell.ok("vane store limits")
    assert re.search(rf"^ +{domid}  nodes +\d+ +1000$", out, re.M), out
    assert re.search(r"^ +0  nodes +\d+ +-$", out, re.M), out
    shell.ok("vane destroy hello")


@pytest.mark.parametrize("words, said", [
    ("read /nope", "there is no /nope in the store"),
    ("ls /no/where", "there is no /no/where in the store"),
    ("write /a//b x", "a path has names of letters, digits"),
    ("rm /", "the root stays"),
    ("write /a b /c", "/c has no value"),
    ("watch -n 0 /a", '"0" is no number of changes'),
])
def test_refusals_say_what_to_do(shell, words, said):
    result = shell.run(f"vane store {words} 2>&1")
    assert result.status in (1, 2)
    assert said in result.out


def test_without_a_daemon_it_says_so(shell):
    result = shell.run("XENSTORED_PATH=/nope vane store ls 2>&1")
    assert result.status == 1
    assert "xenstored" in result.out

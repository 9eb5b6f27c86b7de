# SPDX-License-Identifier: MIT
"""test_shell.py - the control domain as a person at its shell meets it.

Debian's busybox, unchanged, on the guest kernel: files, pipes, jobs, signals,
a screen editor; and what becomes of programs that go wrong.
"""

import fcntl
import re
import struct
import termios
import time

import pytest

from machine import COMMAND_LIMIT, PROMPT


@pytest.mark.parametrize("command, out", [
    ("echo one two", "one two\n"),
    ("printf 'b\\na\\nc\\n' | sort", "a\nb\nc\n"),
    ("seq 1 1000 | grep 7 | wc -l", "271\n"),
    ("echo text >/tmp/f; cat /tmp/f; rm /tmp/f; ls /tmp/f 2>&1",
     "text\nls: /tmp/f: No such file or directory\n"),
    ("mkdir -p /tmp/d; touch /tmp/d/e; ls /tmp/d; rm -r /tmp/d", "e\n"),
    ("ls / | grep -x -e bin -e proc", "bin\nproc\n"),
    ("cat /proc/self/stat | cut -d' ' -f2", "(cat)\n"),
    ("ln -s /etc /tmp/l; readlink /tmp/l; rm /tmp/l", "/etc\n"),
    ("dd if=/dev/zero bs=4096 count=100 2>/dev/null | wc -c", "409600\n"),
    ("head -c 100 /dev/urandom | wc -c", "100\n"),
    ("(exit 7); echo $?", "7\n"),
    ("for i in 1 2 3; do echo $i; done | tail -n 1", "3\n"),
    ("trap 'echo caught' USR1; kill -USR1 $$; trap - USR1", "caught\n"),
    ("sh -c 'sleep 9 & kill $!; wait $!' 2>/dev/null; echo $?", "143\n"),
    ("sh -c 'kill -9 $$'; echo $?", "Killed\n137\n"),
    ("yes | head -n 2", "y\ny\n"),
    ("find /guests -name '*.cfg' | sort",
     "/guests/hello.cfg\n/guests/rogue.cfg\n/guests/small.cfg\n"),
    ("mount -t tmpfs none /mnt && touch /mnt/x && umount /mnt && ls /mnt",
     ""),
    ("test -t 0 && echo a terminal", "a terminal\n"),
    ("awk 'BEGIN { print 6 * 7 }'", "42\n"),
    ("echo abc | sed s/b/B/ | tr a-z A-Z", "ABC\n"),
    ("gzip -c /init | gunzip -c | cmp - /init && echo same", "same\n"),
    ("date -d @86400 -u +%F", "1970-01-02\n"),
    ("expr 40 + 2", "42\n"),
    ("basename $(pwd)", "root\n"),
    ("cp /init /tmp/i && cmp /init /tmp/i && rm /tmp/i && echo equal",
     "equal\n"),
    ("(echo a; sleep 1; echo b) | cat", "a\nb\n"),
    ("stat -c %F /dev/xen/privcmd", "character special file\n"),
])
def test_ordinary_commands(shell, command, out):
    result = shell.run(command)
    assert result.out == out


def test_ps_shows_what_runs(shell):
    out = shell.ok("sleep 33 & until ps | grep -q 'sleep 3[3]'; do :; done; ps; kill $!")
    assert re.search(r"^ +1 .*init", out, re.M), out
    assert re.search(r"sleep 33", out), out
    assert re.search(r"consoled", out), out


def test_an_unknown_command_is_127(shell):
    result = shell.run("no-such-command")
    assert result.status == 127
    assert "not found" in result.out


def test_sleep_takes_its_time(shell):
    out = shell.ok("a=$(cut -d. -f1 /proc/uptime); sleep 2; "
                   "b=$(cut -d. -f1 /proc/uptime); echo $((b - a))")
    assert int(out) >= 2


def unread(fd):
    """Bytes that wait in a pipe."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]


def test_a_reader_that_rests_misses_nothing(shell):
    """The port is busy for as long; whoever writes waits, and loses nothing."""
    start = len(shell.seen)
    shell.send("seq 100000 160000; echo ov'er'\n")
    out = shell.process.stdout.fileno()
    deadline = time.monotonic() + COMMAND_LIMIT
    while unread(out) < 32768:
        assert time.monotonic() < deadline, shell.seen[start:]
        time.sleep(0.1)
    # both pipes fill up, and then the port is busy; if not yet on this host, the
    # test shows less, but is not wrong
    time.sleep(5)
    shell.wait_for(r"\nover\n", start, 4 * COMMAND_LIMIT, longest=6)
    numbers = re.findall(r"^\d+$", shell.seen[start:], re.M)
    assert numbers == [str(n) for n in range(100000, 160001)]


# A command that says when it is in the foreground: a key typed before would go
# to the shell.
WAITING = "sh -c 'echo sta\"r\"ted; exec sleep 1000'"


def test_ctrl_c_ends_the_command_and_not_the_shell(shell):
    start = len(shell.seen)
    shell.type_line(WAITING)
    shell.wait_for(r"\nstarted\n", start)
    shell.send("\x03")
    shell.wait_for(PROMPT, start)
    shell.type_line("echo sta't'us $?")
    shell.wait_for(r"\nstatus 130\n", start)


def test_ctrl_c_ends_a_whole_pipeline(shell):
    start = len(shell.seen)
    shell.type_line("sh -c 'echo sta\"r\"ted; yes | cat >/dev/null'")
    shell.wait_for(r"\nstarted\n", start)
    shell.send("\x03")
    shell.run("true")
    shell.until("ps | grep '[y]es'", r"^$")


def test_background_jobs(shell):
    shell.ok("sleep 100 &")
    assert "sleep 100" in shell.ok("jobs")
    shell.ok("kill %1")
    shell.run("wait")
    assert "sleep 100" not in shell.ok("jobs; ps")


def test_ctrl_z_stops_and_fg_continues(shell):
    start = len(shell.seen)
    shell.type_line("sh -c 'echo sta\"r\"ted; read x; echo g\"o\"t $x'")
    shell.wait_for(r"\nstarted\n", start)
    shell.send("\x1a")
    shell.wait_for(r"Stopped", start)
    shell.wait_for(PROMPT, start)
    shell.type_line("fg")
    shell.wait_for(r"\nsh -c .*read x", start)
    shell.send("it\n")
    shell.wait_for(r"\ngot it\n", start)
    assert "Stopped" not in shell.ok("jobs")


def test_vi_edits_a_file(shell):
    shell.ok("printf 'first\\nsecond\\n' >/tmp/text")
    start = len(shell.seen)
    shell.type_line("vi /tmp/text")
    shell.wait_for(r"second", start)
    shell.wait_for(r"/tmp/text", start + 20)
    shell.send("ddix")
    typed = shell.wait_for(r"I /tmp/text \[Modified\]", start).end()
    shell.send("\x1b")
    # What follows an escape at once would be taken for a key's sequence.
    shell.wait_for(r"- /tmp/text \[Modified\]", typed)
    shell.send(":wq\n")
    shell.wait_for(r"1L, 8C", start)
    assert shell.ok("cat /tmp/text; rm /tmp/text") == "xsecond\n"


def test_the_shell_edits_its_line(shell):
    """Left arrow and insertion: the terminal passes keys through."""
    start = len(shell.seen)
    shell.send("echo ac\x1b[Db\n")
    shell.wait_for(r"\nabc\n", start)


@pytest.mark.parametrize("program", [
    "sh -c 'kill -SEGV $$'", "sh -c 'kill -ILL $$'"])
def test_a_crash_ends_that_program_only(shell, program):
    result = shell.run(program)
    assert result.status > 128
    assert shell.run("echo alive").out == "alive\n"


def test_many_processes_come_and_go(shell):
    """Two hundred forks leave nothing behind."""
    before = len(shell.ok("ps").splitlines())
    shell.ok("i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done",
             2 * COMMAND_LIMIT)
    assert len(shell.ok("ps").splitlines()) <= before


def test_memory_comes_back(shell):
    """Filling tmpfs and emptying it, five times over."""
    shell.ok("for i in 1 2 3 4 5; do dd if=/dev/zero of=/tmp/big bs=1M "
             "count=40 2>/dev/null || break; rm /tmp/big; done; [ $i = 5 ]",
             2 * COMMAND_LIMIT)


def test_running_out_of_memory_is_survived(shell):
    """More than there is: an error for dd, and the shell goes on."""
    result = shell.run("dd if=/dev/zero of=/tmp/big bs=1M count=500 2>&1; "
                       "rm -f /tmp/big", 2 * COMMAND_LIMIT)
    assert "No space left" in result.out or "memory" in result.out, result
    assert shell.run("echo alive").out == "alive\n"

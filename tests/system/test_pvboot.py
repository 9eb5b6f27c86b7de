# SPDX-License-Identifier: MIT
"""test_pvboot.py - the runner's own promises: options, statuses, no leftovers.

Most of it needs no working hypervisor: upstream Xen and small guests do.
"""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from conftest import GUESTS
from machine import PVBOOT, SLOW

LIMIT = 300 * SLOW


def run(*arguments):
    return subprocess.run([str(PVBOOT), *map(str, arguments)], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=LIMIT,
                          encoding="utf-8", errors="replace")


def qemus_of(pid):
    """The QEMU processes below pid, from /proc."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            comm = stat[stat.index("(") + 1:stat.rindex(")")]
            parent = int(stat[stat.rindex(")") + 2:].split()[1])
        except (OSError, ValueError):
            continue
        if comm.startswith("qemu-system") and parent == pid:
            found.append(int(entry.name))
    return found


def is_running(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] != "Z"


def wait_until(condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def start_looping(xen):
    """A pvboot whose first domain never ends, once QEMU runs. Ctrl-C counts,
    even if this test runs in the background of a script that ignores it."""
    process = subprocess.Popen(
        [str(PVBOOT), "--hypervisor", str(xen), "--first",
         f"{GUESTS}/rogue", "--first-args", "loop"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_until(lambda: qemus_of(process.pid))
    return process, qemus_of(process.pid)[0]


def test_help_shows_examples():
    done = run("--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    for option in ("--guest", "--add", "--first", "--hypervisor", "--hv-args",
                   "--memory", "--cpus", "--cpu", "--icount", "--timeout",
                   "--log", "--gdb", "--ramdisk", "--first-args"):
        assert option in done.stdout


@pytest.mark.parametrize("options, words", [
    (["--frist", "x"], "unrecognized arguments"),
    (["--first", "x", "--guest", "a=b"], "--first replaces"),
    (["--ramdisk", "x"], "--ramdisk goes with --first"),
    (["--"], "no command after --"),
    (["--memory", "0"], "--memory: invalid int above 0"),
    (["--cpus", "-1"], "--cpus: invalid int above 0"),
    (["--timeout", "nan"], "--timeout: invalid float above 0"),
])
def test_wrong_options_are_explained(options, words):
    done = run(*options)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.parametrize("spec, words", [
    ("justaname", "want NAME=KERNEL"),
    ("a b=/bin/true", "want NAME=KERNEL"),
    ("a=/nowhere/at/all", "/nowhere/at/all: No such file"),
    ("a=/bin/true,memory=lots", "memory= wants a number"),
    ("a=/bin/true,memory=1,memory=2", "is there twice"),
    ("a=/bin/true,bigness=3", "bigness= is no key"),
    ("a=/bin/true,kernel=/bin/false", "kernel= is no key"),
])
def test_wrong_guests_are_explained(spec, words):
    done = run("--guest", spec, "--", "true")
    assert done.returncode == 125
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("options, words", [
    (["--guest", "a=/bin/true", "--guest", "a=/bin/true"],
     "there is a guest a already"),
    (["--add", "/bin/true:/root/../x"], "not a path inside the archive"),
    (["--add", "/nowhere/at/all"], "/nowhere/at/all: No such file"),
])
def test_wrong_additions_are_explained(options, words):
    done = run(*options, "--", "true")
    assert done.returncode == 125
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("options", [[], ["--direct"]])
def test_a_kernel_that_is_missing_is_named(xen, options):
    done = run("--hypervisor", xen, "--first", "/nowhere/kernel", *options)
    assert done.returncode == 125
    assert "/nowhere/kernel: No such file" in done.stderr


def test_a_closed_standard_input_is_no_input(xen):
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", str(PVBOOT), "--hypervisor",
         str(xen), "--first", f"{GUESTS}/rogue", "--first-args", "end"],
        check=False, capture_output=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    assert b"rogue: end" in done.stdout


def test_a_guest_that_reads_nothing_cannot_stop_the_clock(xen):
    done = subprocess.run(
        [str(PVBOOT), "--hypervisor", str(xen), "--first", f"{GUESTS}/rogue",
         "--first-args", "loop", "--timeout", str(8 * SLOW)],
        input=b"x" * 1000000, check=False, capture_output=True,
        timeout=LIMIT)
    assert done.returncode == 124, done.stderr


def test_first_domain_on_upstream_xen(xen, boot):
    result = boot("--hypervisor", xen, "--first", f"{GUESTS}/rogue",
                  "--first-args", "end one \"two\"")
    assert result.status == 0, result
    assert "rogue: end one" in result.out
    assert "came back" not in result.out
    assert "rogue: end one" in result.log


def test_a_first_domain_that_crashes_is_an_error(xen, boot):
    result = boot("--hypervisor", xen, "--first", f"{GUESTS}/rogue",
                  "--first-args", "crash")
    assert result.status == 125, result
    assert "crashed" in result.err


def test_a_file_that_is_no_hypervisor(boot):
    result = boot("--hypervisor", "/bin/true", "--first", f"{GUESTS}/rogue")
    assert result.status == 125
    assert "GRUB could not load the hypervisor" in result.err
    assert "no multiboot header" in result.log


def test_timeout_names_what_it_waited_for(xen, boot):
    for limit in (8, 32, 128):      # a busy host needs longer to get that far
        result = boot("--hypervisor", xen, "--first", f"{GUESTS}/rogue",
                      "--first-args", "loop", limit=limit * SLOW)
        assert result.status == 124
        if "rogue: loop" in result.out:
            break
    assert "waiting for the first domain to end" in result.err


@pytest.mark.parametrize("number, status", [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_no_qemu(xen, number, status):
    process, qemu = start_looping(xen)
    process.send_signal(number)
    assert process.wait(timeout=LIMIT) == status
    assert not is_running(qemu)


def test_even_a_kill_leaves_no_qemu(xen):
    process, qemu = start_looping(xen)
    process.kill()
    process.wait(timeout=LIMIT)
    wait_until(lambda: not is_running(qemu))


def test_nothing_is_left_in_the_temporary_folder(xen, tmp_path):
    env = dict(os.environ, TMPDIR=str(tmp_path))
    done = subprocess.run(
        [str(PVBOOT), "--hypervisor", str(xen), "--timeout", str(LIMIT), "--first",
         f"{GUESTS}/rogue", "--first-args", "end"], check=False, env=env,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_gets_the_way_to_leave(xen):
    """On a pty: the hint comes first, Ctrl-A x ends it with status 0."""
    try:
        master, slave = os.openpty()
    except OSError:
        pytest.skip("no pseudo-terminals on this machine")
    process = subprocess.Popen(
        [str(PVBOOT), "--hypervisor", str(xen), "--first",
         f"{GUESTS}/rogue", "--first-args", "loop"],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    seen = ""
    deadline = time.monotonic() + LIMIT
    while "rogue: loop" not in seen and time.monotonic() < deadline:
        seen += os.read(master, 65536).decode(errors="replace")
    assert "leave with Ctrl-A x" in seen.split("(XEN)")[0]
    assert qemus_of(process.pid)
    os.write(master, b"\x01x")
    assert process.wait(timeout=LIMIT) == 0
    os.close(master)


def debug(gdb, options, breakpoints):
    """What gdb shows at each breakpoint, started by the line pvboot prints."""
    process = subprocess.Popen(
        [str(PVBOOT), "--gdb", *options, "--first", f"{GUESTS}/rogue",
         "--first-args", "end", "--timeout", str(LIMIT)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8")
    line = ""
    while "gdb -x" not in line:
        line = process.stderr.readline()
        assert line, "no gdb line was printed"
    script = line.split("gdb -x ")[1].strip()
    wait_until(lambda: (pathlib.Path(script).parent / "gdb").exists())
    commands = []
    for name in breakpoints:
        commands += ["-ex", "delete", "-ex", f"hbreak {name}", "-ex",
                     "continue", "-ex", "backtrace 1"]
    done = subprocess.run(
        [gdb, "-batch", "-x", script, *commands, "-ex", "kill"], check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", timeout=LIMIT)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=LIMIT)
    return done.stdout


def test_debugger_stops_in_the_guest(xen, gdb):
    out = debug(gdb, ["--hypervisor", str(xen)], ["guest_main"])
    assert re.search(r"#0 .*guest_main.*rogue.c", out), out


def test_debugger_sees_hypervisor_and_guest(ours, gdb):
    out = debug(gdb, [], ["hypercall_dispatch", "guest_main"])
    assert re.search(r"#0 .*hypercall_dispatch.*gate.c", out), out
    assert re.search(r"#0 .*guest_main.*rogue.c", out), out

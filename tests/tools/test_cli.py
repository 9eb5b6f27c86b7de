# SPDX-License-Identifier: MIT
"""test_cli.py - vane's command line, as far as it goes without a hypervisor.

Rule: exit codes are xl's, help comes from the same rows as dispatch, and a
complaint says what was wrong and what to do.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

TOOLS = pathlib.Path(os.environ["PARAVANE_BUILD"]) / "tools"
COMMANDS = pathlib.Path(__file__).parents[2] / "tools/vane/commands.def"
NAMES = re.findall(r'^COMMAND\(\w+, "([\w -]+)"', COMMANDS.read_text(), re.M)
# (words, least, most) of every command
COUNTS = [(words.split(), int(least), int(most)) for words, least, most in
          re.findall(r'^COMMAND\(\w+, "([\w -]+)", "[^"]*", (\d+), (\d+),',
                     COMMANDS.read_text(), re.M)]
HELLO = TOOLS.parent / "examples" / "hello-pv"

DONE, REFUSED, USAGE = 0, 1, 2

needs_no_xen = pytest.mark.skipif(
    os.path.exists("/dev/xen/privcmd"), reason="runs on a hypervisor")


def vane(*arguments, program="vane"):
    return subprocess.run([TOOLS / program, *arguments], text=True,
                          check=False, capture_output=True, timeout=300,
                          stdin=subprocess.DEVNULL)


def test_no_command_shows_the_usage():
    done = vane()
    assert done.returncode == USAGE
    assert "usage: vane COMMAND" in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["help"]])
def test_help_names_every_command(words):
    done = vane(*words)
    assert done.returncode == DONE
    assert len(NAMES) > 10
    for name in NAMES:
        assert re.search(rf"^  {name} ", done.stdout, re.M), name


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name):
    helped = vane("help", *name.split())
    assert helped.returncode == DONE
    assert helped.stdout.startswith(f"usage: vane {name}")
    assert vane(*name.split(), "--help").stdout == helped.stdout


def test_help_of_create_has_its_options():
    text = vane("help", "create").stdout
    assert "FILE.cfg [KEY=VALUE...]" in text
    assert re.search(r"-p, --paused ", text)
    assert re.search(r"-c, --console ", text)


@pytest.mark.parametrize("words", [["nosuch"], ["help", "nosuch"]])
def test_an_unknown_command_is_named(words):
    done = vane(*words)
    assert done.returncode == REFUSED
    assert 'there is no command "nosuch"' in done.stderr


@pytest.mark.parametrize("words, says", [
    (["destroy"], "destroy requires at least 1 argument."),
    (["create"], "create requires at least 1 argument."),
    (["pause", "a", "b"], "pause takes 1 argument, not 2."),
    (["info", "x"], "info takes 0 arguments, not 1."),
    (["list", "-x"], 'list has no option "-x"'),
    (["list", "-lx"], 'list has no option "-x"'),
    (["list", "--nosuch"], 'list has no option "--nosuch"'),
    (["list", "--json=1"], 'list has no option "--json=1"'),
    (["sched", "-d"], "sched: --domain requires a value: DOMAIN"),
    (["sched", "-w1", "--cap"], "sched: --cap requires a value: CAP"),
    (["sched", "x"], "sched takes 0 arguments, not 1."),
    (["vcpu-pin", "0", "1"], "vcpu-pin requires at least 3 arguments."),
])
def test_wrong_usage(words, says):
    done = vane(*words)
    assert done.returncode == USAGE
    assert says in done.stderr
    assert f"usage: vane {words[0]}" in done.stderr


def test_the_counts_were_found():
    assert len(COUNTS) == len(NAMES)


@pytest.mark.parametrize("words, least, most", COUNTS,
                         ids=["-".join(row[0]) for row in COUNTS])
def test_every_command_counts_its_arguments(words, least, most):
    for count in {least - 1, most + 1} - {-1}:
        done = vane(*words, *["x"] * count)
        assert done.returncode == USAGE, done
        assert "argument" in done.stderr and "usage: vane" in done.stderr


@pytest.mark.parametrize("words, says", [
    (["mem-set", "g", "12q"], '"12q" is no amount of memory'),
    (["mem-set", "g", "-5"], 'mem-set has no option "-5"'),
    (["mem-set", "--", "g", "-5"], '"-5" is no amount of memory'),
    (["mem-set", "g", ""], '"" is no amount of memory'),
    (["mem-max", "g", "4mm"], "a number of MiB, or one with"),
    (["mem-max", "g", "99999999t"], "more than any machine has"),
    (["mem-max", "g", "99999999999999999999"], "no amount of memory"),
    (["sysrq", "g", "ab"], "one letter or digit"),
    (["sysrq", "g", ""], "one letter or digit"),
    (["rename", "g", "a b"], "a character that names may not have"),
    (["rename", "g", "7"], "would read as a domain id"),
    (["rename", "g", ""], "a name may not be empty"),
    (["rename", "g", "x" * 65], "at most 64 characters"),
    (["top", "-d", "0"], "the delay 0 is out of range: 1 to 3600"),
    (["top", "-d", "x"], 'the delay "x" is no number'),
    (["top", "-i", "1x"], 'the number of iterations "1x" is no number'),
    (["console", "-e", "abc", "g"], '"abc" is no key'),
    (["console", "-t", "serial", "g"], 'only "pv"'),
    (["console", "-n", "1", "g"], "there is no console 1"),
])
def test_what_is_wrong_is_said_before_anything_is_done(words, says):
    done = vane(*words)
    assert done.returncode in (REFUSED, USAGE)
    assert says in done.stderr


@pytest.mark.parametrize("words", [
    ["shutdown"], ["reboot"], ["shutdown", "-w"], ["shutdown", "-a", "x"],
    ["reboot", "-a", "x"],
])
def test_who_is_to_shut_down_must_be_said(words):
    done = vane(*words)
    assert done.returncode == USAGE
    assert "the names of domains, or -a for all guests" in done.stderr


@pytest.mark.parametrize("words", [
    ["-w", "3"], ["-w3"], ["--weight", "3"], ["--weight=3"], ["-c0", "-w", "3"],
])
def test_a_weight_needs_a_domain(words):
    done = vane("sched", *words)
    assert done.returncode == REFUSED
    assert "say which with -d DOMAIN" in done.stderr


def test_the_scheduler_answers_to_the_name_it_has_in_xl():
    assert vane("help", "sched-credit2").stdout == vane("help", "sched").stdout


@needs_no_xen
@pytest.mark.parametrize("words", [
    ["list"], ["info"], ["destroy", "x"], ["dmesg"], ["audit"],
    ["console", "x"], ["wait", "1"], ["list", "--", "-x"], ["vcpu-list"],
    ["vcpu-pin", "0", "all", "-", "all"], ["sched"], ["sched", "-d0", "-c1"],
    ["mem-set", "x", "5"], ["mem-max", "1", "64m"], ["sysrq", "x", "h"],
    ["vcpu-set", "x", "1"], ["rename", "x", "y"], ["config", "x"], ["top"],
    ["shutdown", "x"], ["reboot", "-a"], ["uptime"], ["pause", "1"],
])
def test_outside_a_control_domain(words):
    done = vane(*words)
    assert done.returncode == REFUSED
    assert "cannot open /dev/xen/privcmd" in done.stderr
    assert "in the control domain" in done.stderr


@needs_no_xen
def test_consoled_outside_a_control_domain():
    for words in [[], ["-F"]]:
        done = vane(*words, program="consoled")
        assert done.returncode == 1
        assert "cannot open /dev/xen/privcmd" in done.stderr
    assert vane("--help", program="consoled").returncode == 0
    assert vane("--help", program="vane-monitord").returncode == 0
    assert vane("--nosuch", program="vane-monitord").returncode == USAGE
    done = vane("-F", program="vane-monitord")
    assert done.returncode == 1
    assert "cannot open /dev/xen/privcmd" in done.stderr
    assert vane("--nosuch", program="consoled").returncode == USAGE


def test_version_needs_no_hypervisor():
    done = vane("version")
    assert done.returncode == DONE
    assert re.match(r"vane \d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("text, says", [
    ("name = \n", "1:8: expected a string in quotes, a number or a list"),
    ('name = "x\n', "1:8: this string has no closing quote"),
    ('name = "x"\n', "does not say kernel="),
])
def test_a_wrong_domain_file(tmp_path, text, says):
    path = tmp_path / "g.cfg"
    path.write_text(text)
    done = vane("create", path)
    assert done.returncode == REFUSED
    assert says in done.stderr


def test_warnings_name_the_place(tmp_path):
    path = tmp_path / "g.cfg"
    path.write_text('name="g"\nkernel="k"\nmemory=8\nvif = [ "" ]\n')
    done = vane("create", path)
    assert f"{path}:4:1: warning: vif=: unknown key, ignored" in done.stderr


def dry_run(tmp_path, *words):
    path = tmp_path / "g.cfg"
    path.write_text(f'name="g"\nkernel="{HELLO}"\nmemory=8\n')
    return vane("create", "-n", path, *words)


def test_a_dry_run_shows_the_domain(tmp_path):
    done = dry_run(tmp_path, "maxmem=16", "extra=hello there", "maxvcpus=3")
    assert done.returncode == DONE and done.stderr == ""
    rows = dict(re.findall(r"^(\w+) +: (.*)$", done.stdout, re.M))
    assert rows["name"] == "g" and rows["kernel"] == str(HELLO)
    assert rows["memory_kib"] == "8192" and rows["frames"] == "2048"
    assert rows["max_memory_kib"] == "16384"
    assert (rows["vcpus"], rows["max_vcpus"]) == ("1", "3")
    assert rows["cmdline"] == "hello there"
    assert rows["entry"].startswith("0x")
    assert re.match(r"frame \d+, 1 frame at 0x", rows["console_at"])


def test_a_dry_run_as_json_says_the_same(tmp_path):
    found = json.loads(dry_run(tmp_path, "--json").stdout)
    rows = dict(re.findall(r"^(\w+) +: (.*)$", dry_run(tmp_path).stdout, re.M))
    assert set(rows) == set(found)
    for key, value in found.items():
        if isinstance(value, dict):
            assert rows[key].startswith(f"frame {value['first_frame']}, ")
        else:
            assert str(value) == rows[key].strip()


def test_a_dry_run_finds_what_is_wrong(tmp_path):
    done = dry_run(tmp_path, "kernel=/nonexistent")
    assert done.returncode == REFUSED
    assert "/nonexistent" in done.stderr
    done = dry_run(tmp_path, "ramdisk=/nonexistent")
    assert "/nonexistent" in done.stderr
    done = dry_run(tmp_path, f"ramdisk={TOOLS / 'vane'}", "memory=1")
    assert done.returncode == REFUSED and done.stdout == ""


def test_quiet_means_no_warnings(tmp_path):
    done = dry_run(tmp_path, "nosuch=1")
    assert "warning: nosuch=: unknown key" in done.stderr
    assert dry_run(tmp_path, "nosuch=1", "-q").stderr == ""


def test_a_missing_domain_file():
    done = vane("create", "/nonexistent.cfg")
    assert done.returncode == REFUSED
    assert "/nonexistent.cfg: No such file or directory" in done.stderr

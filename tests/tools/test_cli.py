# SPDX-License-Identifier: MIT
"""test_cli.py - vane's command line, as far as it goes without a hypervisor.

Rule: exit codes are xl's, help comes from the same rows as dispatch, and a
complaint says what was wrong and what to do.
"""

import os
import pathlib
import re
import subprocess

import pytest

TOOLS = pathlib.Path(os.environ["VANE_BUILD"])
COMMANDS = pathlib.Path(__file__).parents[2] / "tools/vane/commands.def"
NAMES = re.findall(r'^COMMAND\(\w+, "([\w -]+)"', COMMANDS.read_text(), re.M)

DONE, REFUSED, USAGE = 0, 1, 2

needs_no_xen = pytest.mark.skipif(
    os.path.exists("/dev/xen/privcmd"), reason="runs on a hypervisor")


def vane(*arguments, program="vane"):
    return subprocess.run([TOOLS / program, *arguments], text=True,
                          check=False, capture_output=True, timeout=20,
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


def test_a_missing_domain_file():
    done = vane("create", "/nonexistent.cfg")
    assert done.returncode == REFUSED
    assert "/nonexistent.cfg: No such file or directory" in done.stderr

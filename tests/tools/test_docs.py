# SPDX-License-Identifier: MIT
"""test_docs.py - help, manual and completion say what vane obeys.

Rule: every command, option and key is in all of them, because they are made
from the same rows; and what is made is sound troff and sound shell.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

TOOLS = pathlib.Path(os.environ["PARAVANE_BUILD"]) / "tools"
SOURCE = pathlib.Path(__file__).parents[2] / "tools"
DEF = (SOURCE / "vane/commands.def").read_text()
COMMANDS = re.findall(r'^COMMAND\(\w+, "([\w -]+)"', DEF, re.M)
OPTIONS = re.findall(r'^OPTION\("([\w -]+)", (?:\'(\w)\'|0), "([\w-]+)"', DEF,
                     re.M)
TEXTS = re.findall(r'^TEXT\("([\w -]+)"', DEF, re.M)
KEYS = re.findall(r'^KEY\("(\w+)"',
                  (SOURCE / "libs/config/keys.def").read_text(), re.M)


def page(name):
    return (TOOLS / "man" / name).read_text().replace("\\-", "-")


def sections():
    """{command: its part of the manual}."""
    parts = re.split(r'^\.SS "([^"]+)"$', page("vane.1"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def test_the_rows_were_found():
    assert len(COMMANDS) > 30 and len(OPTIONS) > 30 and len(KEYS) > 15
    assert DEF.count("\nCOMMAND(") == len(COMMANDS)
    assert DEF.count("\nOPTION(") == len(OPTIONS)


def test_rows_belong_to_commands():
    assert len(set(COMMANDS)) == len(COMMANDS)
    for word in [row[0] for row in OPTIONS] + TEXTS:
        assert word in COMMANDS, word
    for word in COMMANDS:
        letters = [row[1] for row in OPTIONS if row[0] == word and row[1]]
        names = [row[2] for row in OPTIONS if row[0] == word]
        assert len(set(letters)) == len(letters), (word, letters)
        assert len(set(names)) == len(names), (word, names)


def test_the_manual_has_every_command_and_option():
    found = sections()
    assert list(found) == COMMANDS
    for word, letter, name in OPTIONS:
        assert f"\\fB--{name}\\fR" in found[word], (word, name)
        assert not letter or f"\\fB-{letter}\\fR" in found[word]


def test_the_manual_has_every_key():
    text = page("vane.cfg.5")
    for key in KEYS:
        assert f"\\fB{key}\\fR = " in text, key


def test_help_has_every_option():
    for word, letter, name in OPTIONS:
        text = subprocess.run([TOOLS / "vane", "help", *word.split()],
                              text=True, check=True,
                              capture_output=True).stdout
        assert re.search(rf"^  {f'-{letter}' if letter else '  '}, "
                         rf"--{name}\b", text, re.M), (word, name, text)


def test_help_fits_a_terminal():
    text = subprocess.run([TOOLS / "vane", "help"], text=True, check=True,
                          capture_output=True).stdout
    assert [line for line in text.splitlines() if len(line) > 79] == []


def test_the_keys_are_those_that_are_read():
    """A second list of them would be one too many, if nobody compared."""
    source = (SOURCE / "libs/config/guest_config.c").read_text()
    read = re.findall(r'(?:config_find\(config|read_\w+\((?:g, )?config), '
                      r'"(\w+)"', source)
    assert set(read) == set(KEYS)


def test_the_manual_has_every_shutdown_action():
    source = (SOURCE / "libs/config/guest_config.c").read_text()
    names = re.findall(r'^\t\[ACTION_\w+\] = "([\w-]+)"', source, re.M)
    listed = re.findall(r'^\t\t\{ "([\w-]+)",',
                        (SOURCE / "vane/docs/docs.c").read_text(), re.M)
    assert len(names) > 3 and sorted(names) == sorted(listed)
    for name in names:
        assert f"\\fB{name}\\fR" in page("vane.cfg.5"), name


@pytest.mark.parametrize("name", ["vane.1", "vane.cfg.5"])
def test_the_manual_is_sound_troff(name):
    if not shutil.which("groff"):
        pytest.skip("no groff on this machine")
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tascii",
                           TOOLS / "man" / name], text=True, check=True,
                          capture_output=True)
    # what hyphenation and lines cannot do well is no fault of the text
    rest = [line for line in done.stderr.splitlines()
            if "cannot adjust" not in line and "can't break" not in line]
    assert rest == []


def complete(*words, domains=""):
    """What bash offers for the last word."""
    script = """
        vane() { echo "$DOMAINS"; }
        . "$0"
        COMP_WORDS=(vane "$@") COMP_CWORD=$#
        compopt() { :; }
        _vane
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "-c", script, TOOLS / "completion" / "vane", *words],
        text=True, check=True, capture_output=True,
        env={**os.environ, "DOMAINS": domains})
    assert done.stderr == ""
    return done.stdout.split()


def test_completion_offers_every_command():
    assert complete("") == list(dict.fromkeys(
        word.split()[0] for word in COMMANDS))
    assert complete("dom") == ["domid", "domname"]
    inner = [word.split()[1] for word in COMMANDS if " " in word]
    assert complete("store", "") == inner


def test_completion_offers_every_option():
    for word in COMMANDS:
        offered = [text.rstrip("=") for text in complete(*word.split(), "-")]
        wanted = [f"--{row[2]}" for row in OPTIONS if row[0] == word] + \
                 [f"-{row[1]}" for row in OPTIONS if row[0] == word and row[1]]
        assert set(offered) == {*wanted, "--help"}, word


def test_completion_offers_what_may_follow(tmp_path, monkeypatch):
    listed = ("Name    ID  Mem VCPUs State Time(s)\n"
              "Domain-0 0 128 1 r----- 0.1\nguest 3 16 1 -b---- 0.0")
    assert complete("destroy", "g", domains=listed) == ["guest"]
    assert complete("help", "dom") == ["domid", "domname"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guest.cfg").write_text("")
    assert complete("create", "gu") == ["guest.cfg"]
    assert complete("create", "guest.cfg", "mem") == ["memory="]

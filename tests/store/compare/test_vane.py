# SPDX-License-Identifier: MIT
"""test_vane.py - `vane store WORD` against Debian's xenstore-WORD.

Rule: with the same words and flags both print the same, exit the same, and
leave the same store behind. What they complain is worded differently.
"""

import subprocess

import pytest

from daemons import BUILD, Daemon
from test_clients import PROGRAMS, environment

VANE = BUILD / "tools/vane"

# `_` is a space inside a word, '' an empty word.
COMMANDS = r"""
ls
write /a/b hello /a/c two_words /a/empty ''
write /a/odd tab\there\nand\\back\x41\101\001\x7f\xfe
write /e/1 \q\ /e/2 \x /e/3 \xg /e/4 \8 /e/5 \777 /e/6 end\ /e/7 \x4g
write -R /a/raw back\slash\n
write /e/1 a /nope//x b /e/2 c
write relative value
ls
ls /
ls -f
ls -p
ls -fp
ls /a
ls -f /a
ls /nope
ls /a/b
read /a/b
read /a/b /nope /a/c
read -p /a/b /a/c
read /a/odd
read -R /a/odd
read -p /e/1 /e/2 /e/3 /e/4 /e/5 /e/6 /e/7
read -R /e/1 /e/2 /e/3 /e/4 /e/5 /e/6 /e/7
read relative
list /
list /a
list -p /a
list /a /nope
list /a/b
exists /a/b /a/c
exists /a/b /nope
exists /nope
chmod /a r0
chmod /a/b b0 r1 w2
chmod -r /a n0 r5
ls -fp
chmod -u /a/b n0 w7
ls -fp
chmod /a x0
chmod /nope n0
write /tidy/one/two x
rm -t /tidy/one/two
ls
write /tidy/one/two x /tidy/other y
rm -t /tidy/one/two
rm /a/b /a/c
rm /a/b
rm /nope/deeper
rm /
ls -f
watch -n 2 /a /zz
watch -n 1 /a//b
"""


def words_of(line):
    return ["" if word == "''" else word.replace("_", " ")
            for word in line.split(" ")]


def run(words, daemon):
    done = subprocess.run(words, check=False, timeout=300,
                          env=environment("ours", daemon),
                          stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, bool(done.stderr)


@pytest.mark.parametrize("kind", ["debian", "ours"])
def test_every_command_does_the_same(kind):
    with Daemon(kind) as one, Daemon(kind) as other:
        for line in COMMANDS.strip().splitlines():
            word, *words = words_of(line)
            theirs = run([PROGRAMS / f"xenstore-{word}", *words], one)
            ours = run([VANE, "store", word, *words], other)
            assert ours == theirs, line


@pytest.mark.parametrize("kind", ["debian", "ours"])
def test_an_owner_that_is_not_there_is_named(kind):
    with Daemon(kind) as daemon:
        run([VANE, "store", "write", "/a/b", "x"], daemon)
        for path, missing in (("/a", "no domain 99 to own"),
                              ("/nope", "no /nope in the store")):
            done = subprocess.run(
                [VANE, "store", "chmod", path, "n99"], check=False,
                timeout=300, env=environment("ours", daemon),
                capture_output=True, text=True)
            assert done.returncode == 1 and missing in done.stderr, done


def test_a_wide_value_is_cut_the_same():
    with Daemon("ours") as daemon:
        for length in range(45, 80):
            run([VANE, "store", "write", f"/w/{length}", "x" * length], daemon)
        for flags in [], ["-p"], ["-f"], ["-fp"]:
            assert run([VANE, "store", "ls", *flags], daemon) == \
                run([PROGRAMS / "xenstore-ls", *flags], daemon)

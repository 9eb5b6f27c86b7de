# SPDX-License-Identifier: MIT
"""test_clients.py - Debian's xenstore-* programs with our library and daemon.

Rule: the unmodified programs of the package xenstore-utils (xenstore-control:
xen-utils) print the same, complain the same and exit the same, whichever
library they load and whichever daemon answers. Debian's library with Debian's
daemon says what is right.
"""

import difflib
import os
import subprocess

import pytest

from daemons import DEBIAN_LIBRARIES, ORACLE, OUR_LIBRARY, Daemon
from wire import Socket

PROGRAMS = ORACLE / "usr/bin"
CONTROL = ORACLE / "usr/lib/xen-4.17/bin/xenstore-control"
LIMIT = 300

# One command a line, as for a shell, but only spaces separate words, `_` is a
# space inside one and '' an empty word.
COMMANDS = r"""
ls
ls -f
write /a/b hello
write /a/c one /a/d two
write /a/odd tab\there\nand\\back\x41\101\001\x7f\xfe
write /e/1 \q\ /e/2 \x /e/3 \xg /e/4 \8 /e/5 \777 /e/6 end\ /e/7 \x4g
write /e/1 a /nope//x b /e/2 c
write -R /a/raw back\slash\n
write /a/empty ''
write /a/spaces some_words_here
write /a/space_here value
write /a/b
write
write relative value
write /a//b x
write /a/ x
read /a/b
read /a/b /a/c /a/d
read -p /a/b /a/c
read /a/odd
read -R /a/odd
read -p /e/1 /e/2 /e/3 /e/4 /e/5 /e/6 /e/7
read -R /e/1 /e/2 /e/3 /e/4 /e/5 /e/6 /e/7
read -R /a/raw
read /a/raw
read /a/empty
read /nope
read /a/b /nope /a/c
read
read relative
read -s /a/b
read -h
list /
list /a
list -p /a
list /a /nope
list /nope
list /a/b
list
list -s /
exists /a/b
exists /nope
exists /a/b /nope
exists /a/b /a/c
exists /nope /nope2
exists
exists -s /a
ls /
ls /a
ls -f /a
ls -p /a
ls -fp /a
ls -f -p -s /
ls /nope
ls /a/b
ls /a /nope
ls -x
chmod /a r0
chmod /a/b b0 r1 w2
chmod /a n1
chmod -r /a n0 r5
chmod -R /a n0 r5
chmod -u /a n0
chmod /a x0
chmod /a
chmod /nope n0
chmod
ls -p /
rm /a/b
rm /a/b
rm -t /a/c
rm -t /a/c
rm /a/d /nope
rm -t /tidy/nope
write /tidy/one/two x
rm -t /tidy/one/two
ls
rm /
rm
write /a/b again /a/c again
rm /a/b /a/c
watch
watch -h
watch -n 1 /a
watch -n 2 /a /nope
watch -n 1 relative
watch -n 1 /a//b
watch -n x /a
-h
read --nonsense
"""

CONTROL_COMMANDS = r"""
print text
nonsense
check
quota set nodes 900
quota set nonsense 1
log x
"""


# What Debian's xenstore-control lists and ours has not; docs/store.md.
NOT_OURS = ("live-update", "    Default timeout", "logfile", "memreport")


def words_of(line):
    return ["" if word == "''" else word.replace("_", " ")
            for word in line.split(" ")]


def environment(library, daemon):
    folders = [DEBIAN_LIBRARIES]
    if library == "ours":
        folders.insert(0, OUR_LIBRARY)
    return dict(os.environ, XENSTORED_PATH=str(daemon.socket),
                LD_LIBRARY_PATH=":".join(map(str, folders)), LC_ALL="C")


def run(program, words, library, daemon):
    done = subprocess.run([program, *words], check=False, timeout=LIMIT,
                          env=environment(library, daemon),
                          stdin=subprocess.DEVNULL, capture_output=True)
    said = [f"$ {program.name} {' '.join(words)}", f"exit {done.returncode}"]
    for mark, output in ("out", done.stdout), ("err", done.stderr):
        said += [f"{mark} {line!r}" for line in output.decode(
            errors="backslashreplace").splitlines()
            if not line.startswith(NOT_OURS)]
    return [line.replace(str(daemon.folder), "FOLDER") for line in said]


def converse(library, kind):
    said = []
    with Daemon(kind) as daemon:
        for line in COMMANDS.strip().splitlines():
            command, *words = words_of(line)
            if command.startswith("-"):
                program, words = PROGRAMS / "xenstore", [command, *words]
            else:
                program = PROGRAMS / f"xenstore-{command}"
            said += run(program, words, library, daemon)
        for line in CONTROL_COMMANDS.strip().splitlines():
            said += run(CONTROL, words_of(line), library, daemon)
        for line in ("ls", "read /a/b", "list /"):
            program, *words = words_of(line)
            said += run(PROGRAMS / "xenstore", [program, *words], library,
                        daemon)
        assert daemon.alive()
        daemon.process.kill()
        daemon.process.wait()
        said += run(PROGRAMS / "xenstore-read", ["/a/b"], library, daemon)
        daemon.socket.unlink(missing_ok=True)
        said += run(PROGRAMS / "xenstore-ls", [], library, daemon)
    return said


@pytest.fixture(scope="module")
def right():
    return converse("debian", "debian")


@pytest.mark.parametrize("library, kind", [
    ("ours", "debian"), ("debian", "ours"), ("ours", "ours")])
def test_the_same_commands_say_the_same(right, library, kind):
    said = converse(library, kind)
    difference = list(difflib.unified_diff(right, said, "Debian's", "ours",
                                           lineterm="", n=4))
    assert not difference, "\n" + "\n".join(difference[:80])


@pytest.mark.parametrize("library", ["debian", "ours"])
def test_each_program_loads_the_library_it_is_given(library):
    with Daemon("debian") as daemon:
        variables = dict(environment(library, daemon),
                         LD_TRACE_LOADED_OBJECTS="1")
        loaded = subprocess.run([PROGRAMS / "xenstore-read"], env=variables,
                                check=True, capture_output=True, text=True)
    mine = [line for line in loaded.stdout.splitlines()
            if "libxenstore.so.4" in line]
    assert len(mine) == 1
    assert (str(OUR_LIBRARY) in mine[0]) == (library == "ours")


def watch_while_writing(library, kind):
    """What xenstore-watch prints while others change the store."""
    with Daemon(kind) as daemon:
        watcher = subprocess.Popen(
            [PROGRAMS / "xenstore-watch", "-n", "7", "/w", "/v", "@nope"],
            env=environment(library, daemon), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, bufsize=1)
        said = [watcher.stdout.readline() for _ in range(3)]
        writer = Socket(daemon.socket)
        for kind_, body in (("WRITE", b"/w\0x"), ("WRITE", b"/w/below\0x"),
                            ("WRITE", b"/x\0"), ("MKDIR", b"/v/a/b\0"),
                            ("RM", b"/w\0")):
            writer.send(kind_, body)
            writer.message()
        writer.close()
        rest, _ = watcher.communicate(timeout=LIMIT)
        return said + rest.splitlines(True) + [watcher.returncode]


@pytest.mark.parametrize("library, kind", [
    ("ours", "debian"), ("debian", "ours"), ("ours", "ours")])
def test_watching_prints_the_same(library, kind):
    assert watch_while_writing(library, kind) == \
        watch_while_writing("debian", "debian")

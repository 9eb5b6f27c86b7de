#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""scenes.py - what a program sees of a library, whatever the daemon does.

Run once with each library (LIBXENSTORE names it); test_library.py compares
what is printed.
"""

import ctypes
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from library import Client, Daemon, event, message, ok, refusal

XS_UNWATCH_FILTER = 4
SCENES = []


def scene(*script, flags=0):
    """The function is a program; the script is what the daemon answers."""
    def enter(function):
        SCENES.append((function, script, flags))
        return function
    return enter


@scene(message("READ", b"value"), message("READ", b""),
       message("READ", b"a\0b\0"), [message("READ", b"slow")[:7],
                                    0.05, message("READ", b"slow")[7:17],
                                    0.05, message("READ", b"slow")[17:]],
       message("READ", b"v" * 4096))
def reads(c):
    for _ in range(5):
        c.read()


@scene(*(refusal(name) for name in (
    b"EINVAL", b"EACCES", b"EEXIST", b"EISDIR", b"ENOENT", b"ENOMEM",
    b"ENOSPC", b"EIO", b"ENOTEMPTY", b"ENOSYS", b"EROFS", b"EBUSY", b"EAGAIN",
    b"EISCONN", b"E2BIG", b"EPERM", b"ENONSENSE", b"", b"ebusy")))
def errors(c):
    for _ in range(19):
        c.read()


@scene(message("DIRECTORY", b"one\0two\0three\0"), message("DIRECTORY", b""),
       message("DIRECTORY", b"one\0"), refusal(b"ENOENT"))
def directories(c):
    for _ in range(4):
        c.directory()


@scene(refusal(b"E2BIG"), message("DIRECTORY_PART", b"7\0aa\0bb\0"),
       message("DIRECTORY_PART", b"7\0cc\0\0"),
       refusal(b"E2BIG"), message("DIRECTORY_PART", b"7\0aa\0bb\0"),
       message("DIRECTORY_PART", b"8\0cc\0\0"),
       message("DIRECTORY_PART", b"8\0xx\0"),
       message("DIRECTORY_PART", b"8\0\0"),
       refusal(b"E2BIG"), refusal(b"ENOSYS"),
       refusal(b"E2BIG"), message("DIRECTORY_PART", b"7\0a\0"), refusal(b"ENOENT"))
def directories_in_parts(c):
    for _ in range(4):
        c.directory()


@scene(message("GET_PERMS", b"n0\0r1\0w2\0b3\0"), message("GET_PERMS", b"x0\0"),
       message("GET_PERMS", b"n\0"), refusal(b"EACCES"),
       ok("SET_PERMS"), ok("SET_PERMS"), ok("SET_PERMS"))
def permissions(c):
    for _ in range(4):
        c.permissions()
    c.set_permissions(0, 0, 1, 1, 2, 2, 3, 3)
    c.set_permissions(0, 4)
    c.set_permissions(0, 17)
    c.set_permissions(0xffffffff, 1)


@scene(ok("WRITE"), ok("WRITE"), ok("MKDIR"), ok("RM"), ok("WATCH"),
       message("TRANSACTION_START", b"42\0"), ok("TRANSACTION_END"),
       ok("TRANSACTION_END"), refusal(b"EAGAIN"),
       message("TRANSACTION_START", b"0x10\0"), ok("INTRODUCE"),
       ok("SET_TARGET"), ok("RESUME"), ok("RELEASE"),
       message("IS_DOMAIN_INTRODUCED", b"T\0"),
       message("IS_DOMAIN_INTRODUCED", b"F\0"), refusal(b"EINVAL"),
       message("GET_DOMAIN_PATH", b"/local/domain/5\0"),
       message("CONTROL", b"said\0"), message("CONTROL", b"\0"),
       refusal(b"EINVAL"))
def everything_else(c):
    c.true("write", 5, b"/p", b"data", 4)
    c.true("write", 0, b"/p", b"", 0)
    c.true("mkdir", 0, b"/p")
    c.true("rm", 0, b"/p")
    c.true("watch", b"/p", b"token")
    c.start()
    c.true("transaction_end", 42, False)
    c.true("transaction_end", 42, True)
    c.true("transaction_end", 42, False)
    c.start()
    c.true("introduce_domain", 5, ctypes.c_ulong(2**40 + 1), 9)
    c.true("set_target", 5, 6)
    c.true("resume_domain", 5)
    c.true("release_domain", ctypes.c_uint(0xffffffff))
    for _ in range(3):
        c.true("is_domain_introduced", 5)
    c.text("get_domain_path", 5)
    c.text("control_command", b"print", b"x y\0z", 5)
    c.text("debug_command", b"check", None, 0)
    c.text("control_command", b"nonsense", b"", 0)
    c.true("restrict", 5)


@scene(ok("WRITE"), ok("READ"))
def a_request_too_long(c):
    c.true("write", 0, b"/p", b"x" * 4093, 4093)
    c.true("write", 0, b"/p", b"x" * 4094, 4094)
    c.read(b"/" + b"p" * 4096)
    c.read()


@scene(None)
def the_daemon_dies_before_it_answers(c):
    c.read()
    c.read()
    c.true("write", 0, b"/p", b"x", 1)
    c.check_watch()
    c.true("watch", b"/w", b"t")
    c.check_watch()


@scene([message("READ", b"cut off")[:9], None])
def the_daemon_dies_in_a_header(c):
    c.read()
    c.read()


@scene([message("READ", b"cut off")[:19], None])
def the_daemon_dies_in_an_answer(c):
    c.read()
    c.read()


@scene([ok("WATCH"), event(b"/w", b"t"), 0.05, None])
def the_daemon_dies_while_we_watch(c):
    c.true("watch", b"/w", b"t")
    c.poll()
    c.read_watch()
    c.read_watch()
    c.read()
    c.check_watch()


@scene(message("READ", b"v" * 5000))
def an_answer_too_long(c):
    c.read()
    c.read()


@scene([ok("WATCH"), event(b"/w", b"t")], [event(b"/w", b"t"), None])
def the_daemon_dies_when_asked_while_we_watch(c):
    c.true("watch", b"/w", b"t")
    c.read_watch()
    c.read()
    c.read()
    c.read_watch()
    c.check_watch()


@scene(message("WRITE", b"OK\0"), message("READ", b"never"))
def the_answer_to_something_else(c):
    c.read()
    c.read()


@scene([event(b"/early", b"one"), ok("WATCH"), event(b"/w", b"two")],
       [event(b"/w/x", b"three"), message("READ", b"v"),
        event(b"@releaseDomain", b"")],
       ok("UNWATCH"))
def events(c):
    c.true("watch", b"/w", b"t")
    c.poll()
    c.read_watch()
    c.read_watch()
    c.read()
    c.read_watch()
    c.read_watch()
    c.check_watch()
    c.true("unwatch", b"/w", b"t")


WATCHED = ([ok("WATCH"), event(b"/w", b"t"), event(b"/w/x", b"t"),
            event(b"/wx", b"t"), event(b"/w", b"other")],
           message("READ", b""), ok("UNWATCH"), message("READ", b""))


def unwatch_and_look(c):
    c.true("watch", b"/w", b"t")
    c.read()
    c.true("unwatch", b"/w", b"t")
    c.read()
    c.read_watch()
    c.read_watch()


@scene(*WATCHED)
def stale_events(c):
    unwatch_and_look(c)


@scene(*WATCHED, flags=XS_UNWATCH_FILTER)
def no_stale_events(c):
    unwatch_and_look(c)


@scene()
def text(c):
    for child in (b"/a", b"/a/b", b"/ab", b"/", b"", b"/a/"):
        for parent in (b"/a", b"/", b"", b"/a/"):
            c.subpath(parent, child)
    for strings in (b"n0", b"r1", b"w2", b"b3", b"x4", b"n", b"", b"n5x",
                    b"n-1", b"n0x10", b"n010", b"n 7", b"n4294967296",
                    b"n99999999999999999999", b"rr1"):
        c.parse_permission(strings)


def main():
    for function, script, flags in SCENES:
        print(function.__name__, flush=True)
        daemon = Daemon(script)
        client = Client(flags)
        function(client)
        client.close()
        daemon.join(20)
        for kind, transaction, body in daemon.heard:
            print(f"  heard {kind} {transaction} {len(body)} {body[:80]!r}")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""library.py - one libxenstore.so, and a scripted daemon for it.

LIBXENSTORE in the environment names the library, which is loaded when this is
imported: two libraries of one name in one process would meet, so scenes.py
runs in a process per library. A Client calls it and prints what a program can
see: results and errno. A Daemon is a thread that reads requests and answers
each as its script says.
"""

import ctypes
import errno
import os
import pathlib
import select
import socket
import tempfile
import threading
import time

from wire import HEADER, NUMBER, OPERATIONS

ERROR, EVENT = NUMBER["ERROR"], NUMBER["WATCH_EVENT"]
folder = pathlib.Path(tempfile.mkdtemp(prefix="store."))
os.environ["XENSTORED_PATH"] = str(folder / "socket")
lib = ctypes.CDLL(os.environ["LIBXENSTORE"], use_errno=True)
for name, result in (
        ("xs_open", ctypes.c_void_p), ("xs_read", ctypes.c_void_p),
        ("xs_directory", ctypes.POINTER(ctypes.c_char_p)),
        ("xs_get_permissions", ctypes.POINTER(ctypes.c_uint)),
        ("xs_check_watch", ctypes.POINTER(ctypes.c_char_p)),
        ("xs_read_watch", ctypes.POINTER(ctypes.c_char_p)),
        ("xs_get_domain_path", ctypes.c_char_p),
        ("xs_control_command", ctypes.c_char_p),
        ("xs_debug_command", ctypes.c_char_p),
        ("xs_transaction_start", ctypes.c_uint32),
        *((f"xs_{verb}", ctypes.c_bool) for verb in (
            "write", "mkdir", "rm", "set_permissions", "watch", "unwatch",
            "transaction_end", "introduce_domain", "set_target",
            "resume_domain", "release_domain", "is_domain_introduced",
            "path_is_subpath", "strings_to_perms", "restrict"))):
    getattr(lib, name).restype = result


def message(kind, body=b"", number=0, transaction=0, length=None):
    kind = NUMBER[kind] if isinstance(kind, str) else kind
    return HEADER.pack(kind, number, transaction,
                       len(body) if length is None else length) + body


class Daemon(threading.Thread):
    """Each step of the script answers one request: bytes, or a list of what to
    write and, as numbers, how long to pause; None is the end."""

    def __init__(self, script):
        super().__init__(daemon=True)
        pathlib.Path(os.environ["XENSTORED_PATH"]).unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.environ["XENSTORED_PATH"])
        self.listener.listen()
        self.script = script
        self.heard = []
        self.start()

    def take(self, client, length):
        data = b""
        while len(data) < length:
            more = client.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def run(self):
        client, _ = self.listener.accept()
        try:
            for step in self.script:
                kind, _, transaction, length = HEADER.unpack(
                    self.take(client, HEADER.size))
                body = self.take(client, length)
                self.heard.append((OPERATIONS[kind], transaction, body))
                for part in step if isinstance(step, list) else [step]:
                    if part is None:
                        raise EOFError
                    if isinstance(part, float):
                        time.sleep(part)
                    else:
                        client.sendall(part)
            else:
                self.take(client, 1)
        except (EOFError, OSError):
            pass
        client.close()
        self.listener.close()


def ok(kind):
    return message(kind, b"OK\0")


def refusal(name):
    return message(ERROR, name + b"\0")


def event(path, token):
    return message(EVENT, path + b"\0" + token + b"\0")


def show(what, fine, value=None):
    name = "" if fine else \
        " " + errno.errorcode.get(ctypes.get_errno(), "0")
    print(f"  {what}: {'ok' if fine else 'failed'}{name}"
          f"{'' if value is None else ' ' + repr(value)}")


def strings(pointer, count):
    return [pointer[i] for i in range(count)]


class Client:
    def __init__(self, flags=0):
        ctypes.set_errno(0)
        self.handle = ctypes.c_void_p(lib.xs_open(ctypes.c_ulong(flags)))
        show("open", bool(self.handle.value))

    def read(self, path=b"/p", transaction=0):
        length = ctypes.c_uint(77)
        ctypes.set_errno(0)
        value = lib.xs_read(self.handle, transaction, path,
                            ctypes.byref(length))
        show("read", bool(value), value and
             (length.value, ctypes.string_at(value, length.value + 1)))

    def directory(self):
        count = ctypes.c_uint(77)
        ctypes.set_errno(0)
        names = lib.xs_directory(self.handle, 0, b"/p", ctypes.byref(count))
        show("directory", bool(names), bool(names) and
             (count.value, b" ".join(strings(names, count.value))[:200]))

    def permissions(self):
        count = ctypes.c_uint(77)
        ctypes.set_errno(0)
        perms = lib.xs_get_permissions(self.handle, 0, b"/p",
                                       ctypes.byref(count))
        show("permissions", bool(perms), bool(perms) and
             strings(perms, 2 * count.value))

    def set_permissions(self, *numbers):
        ctypes.set_errno(0)
        array = (ctypes.c_uint * len(numbers))(*numbers)
        show("set_permissions", lib.xs_set_permissions(
            self.handle, 0, b"/p", array, len(numbers) // 2))

    def true(self, name, *arguments):
        ctypes.set_errno(0)
        show(name, getattr(lib, "xs_" + name)(self.handle, *arguments))

    def text(self, name, *arguments):
        ctypes.set_errno(0)
        value = getattr(lib, "xs_" + name)(self.handle, *arguments)
        show(name, value is not None, value)

    def check_watch(self):
        ctypes.set_errno(0)
        found = lib.xs_check_watch(self.handle)
        show("check_watch", bool(found), bool(found) and strings(found, 2))

    def read_watch(self):
        count = ctypes.c_uint(77)
        ctypes.set_errno(0)
        found = lib.xs_read_watch(self.handle, ctypes.byref(count))
        show("read_watch", bool(found), bool(found) and
             (count.value, strings(found, count.value)))

    def start(self):
        ctypes.set_errno(0)
        number = lib.xs_transaction_start(self.handle)
        show("transaction_start", number != 0, number)

    def poll(self, patience=20000):
        poller = select.poll()
        poller.register(lib.xs_fileno(self.handle), select.POLLIN)
        print("  poll:", bool(poller.poll(patience)))

    def subpath(self, parent, child):
        print(f"  subpath {parent} {child}:",
              lib.xs_path_is_subpath(parent, child))

    def parse_permission(self, strings):
        entry = (ctypes.c_uint * 2)()
        ctypes.set_errno(0)
        fine = lib.xs_strings_to_perms(entry, 1, strings)
        show(f"parse {strings}", fine, list(entry) if fine else None)

    def close(self):
        lib.xs_close(self.handle)

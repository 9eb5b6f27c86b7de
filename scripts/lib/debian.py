# SPDX-License-Identifier: MIT
"""debian.py - a tree that debootstrap made, as the ramdisk of a guest.

Guards: what is left out is only what a guest in memory has no use for (TRIM),
and the rest is as Debian ships it, but for the few files that a person who
installs a machine writes as well (FILES); root has no password.
Not here: how the tree is made (scripts/debian-guest).
"""

import os
import pathlib
import re
import stat

from . import cpio

SUITE = "bookworm"
PACKAGES = ("systemd-sysv", "dbus", "libpam-systemd", "udev", "login",
            "python3", "libpython3.11-testsuite")
# What no program of ours needs, a third of the tree: texts for people,
# messages in other languages, sources of a database for real hardware, and
# what is left of installing.
TRIM = """\
usr/share/doc/* usr/share/man/* usr/share/info/* usr/share/locale/*
usr/share/lintian usr/share/bash-completion usr/share/zsh usr/share/bug
usr/lib/udev/hwdb.d usr/lib/udev/hwdb.bin usr/lib/x86_64-linux-gnu/gconv
usr/lib/systemd/catalog usr/lib/python3.11/*/test usr/lib/python3.11/*/tests
usr/lib/python3.11/idlelib usr/share/zoneinfo/right
var/cache/apt/* var/cache/debconf/* var/log/* var/lib/apt/lists/*_Release*
var/lib/dpkg/*-old
""".split()
# Of Python's own tests those that a guest is given (tests/system/test_debian.py
# runs them all), and what they import: of the interpreter's own arithmetic and of
# what a kernel does for programs, those that take seconds when emulated.
PYTHON_TESTS = "usr/lib/python3.11/test"
PYTHON_RUN = ["test_" + name for name in """\
binascii bisect epoll fcntl fork1 fractions grammar hmac mmap openpty pipes
popen select sort string textwrap thread
""".split()]
PYTHON_HELP = """\
__init__ __main__ libregrtest regrtest support lock_tests fork_wait ann_module
ann_module2 ann_module3 ann_module4 typinganndata
""".split()
# Both `.updated` say that nothing in /usr is newer than what was made from it;
# a machine's number is made at its first start unless there is one.
FILES = {
    "etc/hostname": "debian\n",
    "etc/hosts": "127.0.0.1 localhost debian\n::1 localhost\n",
    "etc/fstab": "# The root file system is a ramdisk; there are no disks.\n",
    "etc/machine-id": "7061726176616e652064656269616e20\n",
    "etc/default/locale": "LANG=C.UTF-8\n",
    "etc/systemd/system.conf.d/patience.conf":
        "# An emulated machine may be slow.\n[Manager]\n"
        "DefaultTimeoutStartSec=900\nDefaultTimeoutStopSec=900\n"
        "DefaultDeviceTimeoutSec=900\n",
    "etc/resolv.conf": "# There is no network.\n",
    "etc/.updated": "",
    "var/.updated": "",
}
# What is for disks, and for a network.
UNWANTED = """\
timers.target.wants/apt-daily.timer timers.target.wants/apt-daily-upgrade.timer
timers.target.wants/e2scrub_all.timer timers.target.wants/fstrim.timer
multi-user.target.wants/e2scrub_reap.service
""".split()
UNITS = "etc/systemd/system"
# /dev is empty until the kernel mounts its own there, and the first program
# wants a console before that.
CONSOLE = ("dev/console", 5, 1)
LISTED = ("required", "important", "standard")


def _remove(path):
    """A file or a tree, but nothing mounted in it."""
    if path.is_dir() and not path.is_symlink():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def trim(root):
    for pattern in TRIM:
        for path in list(root.glob(pattern)):
            _remove(path)
    tests = root / PYTHON_TESTS
    kept = PYTHON_RUN + PYTHON_HELP
    for path in list(tests.iterdir()) + list(tests.glob("__pycache__/*")):
        name = path.name.partition(".")[0]
        if name not in kept and name != "__pycache__":
            _remove(path)


def shorten_lists(root):
    """Of apt's 60,000 packages, those installed and those every Debian has."""
    status = (root / "var/lib/dpkg/status").read_text()
    installed = set(re.findall(r"^Package: (\S+)$", status, re.M))
    for path in root.glob("var/lib/apt/lists/*_Packages"):
        kept = []
        for stanza in path.read_text().split("\n\n"):
            name = re.match(r"Package: (\S+)$", stanza, re.M)
            priority = re.search(r"^Priority: (\S+)$", stanza, re.M)
            if name and (name.group(1) in installed or
                         priority and priority.group(1) in LISTED):
                kept.append(stanza.strip("\n"))
        path.write_text("\n\n".join(kept) + "\n")


def configure(root):
    for name, text in FILES.items():
        (root / name).unlink(missing_ok=True)
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    shadow = root / "etc/shadow"
    shadow.write_text(re.sub(r"^root:[^:]*:", "root::", shadow.read_text(),
                             flags=re.M))
    for name in UNWANTED:
        (root / UNITS / name).unlink()


def shape(root):
    """From what debootstrap made to what a guest gets."""
    trim(root)
    shorten_lists(root)
    configure(root)


def _member(path):
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        data = os.readlink(path).encode()
    else:
        data = path.read_bytes() if stat.S_ISREG(info.st_mode) else b""
    return cpio.Member(info.st_mode, data, (info.st_uid, info.st_gid),
                       int(info.st_mtime))


def archive(root):
    """The whole tree, with owners, and with times: Python's compiled files are
    good only for sources of the time that they name."""
    out = cpio.Archive()
    for folder, folders, names in os.walk(root):
        here = pathlib.Path(folder)
        inside = here.relative_to(root)
        if inside.parts in (("dev",), ("proc",), ("sys",), ("run",)):
            folders.clear()
            continue
        for name in folders + names:
            out.member(str(inside / name), _member(here / name))
    out.link("init", "usr/lib/systemd/systemd")
    out.character_device(*CONSOLE)
    return out

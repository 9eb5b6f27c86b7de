# SPDX-License-Identifier: MIT
"""guests.py - `--guest NAME=KERNEL,...` and `--add FILE:PATH`, as files.

Both put files into the control domain: an archive of their own that the
control domain's initramfs is merged with.
Not here: what the keys of a .cfg file mean (tools/vane).
"""

import os
import re

from . import tree

KEYS = ("ramdisk", "extra", "memory", "vcpus")
DEFAULT_MEMORY = 16
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*$")
# A comma separates only in front of a known key: `extra=a,b` keeps its own.
SEPARATOR = re.compile(r",(?=(?:%s)=)" % "|".join(KEYS))


def _read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as error:
        raise tree.Problem(f"{path}: {error.strerror}") from error


def config(name, kernel, ramdisk=None, extra="", memory=DEFAULT_MEMORY,
           vcpus=1):
    """The text of a domain's .cfg file."""
    def quoted(text):
        return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')

    lines = [f"name = {quoted(name)}", 'type = "pv"',
             f"kernel = {quoted(kernel)}"]
    if ramdisk:
        lines.append(f"ramdisk = {quoted(ramdisk)}")
    if extra:
        lines.append(f"extra = {quoted(extra)}")
    lines += [f"memory = {memory}", f"vcpus = {vcpus}"]
    return "\n".join(lines) + "\n"


def add_guest(archive, spec):
    """NAME=KERNEL[,ramdisk=F][,extra=ARGS][,memory=MiB][,vcpus=N]"""
    name, equals, rest = spec.partition("=")
    kernel, *options = SEPARATOR.split(rest)
    if not equals or not NAME.match(name) or not kernel:
        raise tree.Problem(f"--guest {spec}: want NAME=KERNEL[,key=value...]")
    values = {}
    for option in options:
        key, _, value = option.partition("=")
        if key in values:
            raise tree.Problem(f"--guest {spec}: {key}= is there twice")
        values[key] = value
    for key in ("memory", "vcpus"):
        if key in values and not values[key].isdigit():
            raise tree.Problem(f"--guest {spec}: {key}= wants a number, not "
                               f"{values[key]!r}")
    inside = f"/guests/{name}.kernel"
    if inside.strip("/") in archive.names():
        raise tree.Problem(f"--guest {spec}: there is a guest {name} already")
    archive.file(inside, _read(kernel))
    if values.get("ramdisk"):
        ramdisk = f"/guests/{name}.ramdisk"
        archive.file(ramdisk, _read(values["ramdisk"]))
        values["ramdisk"] = ramdisk
    archive.file(f"/guests/{name}.cfg",
                 config(name, inside, **values).encode())


def add_file(archive, spec):
    """FILE[:PATH]; without PATH it lands in /root, where the shell starts."""
    path, _, inside = spec.partition(":")
    inside = inside or f"/root/{os.path.basename(path)}"
    mode = 0o755 if os.access(path, os.X_OK) else 0o644
    try:
        archive.file(inside, _read(path), mode)
    except ValueError as error:
        raise tree.Problem(f"--add {spec}: {error}") from error

# SPDX-License-Identifier: MIT
"""guests.py - `--guest NAME=KERNEL,...` and `--add FILE:PATH`, as files.

Both put files into the control domain: an archive of their own that the
control domain's initramfs is merged with.
Not here: what the keys of a .cfg file mean (tools/vane; their names come from
its keys.def), how much memory it all takes (room.py).
"""

import os
import re
import typing

from . import tree

DEFAULT_MEMORY = 16
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*$")
WANTED = "want NAME=KERNEL[,key=value...]"


class Guest(typing.NamedTuple):
    """What was added, for those who must find memory for it."""
    kernel: bytes
    memory: int     # MiB


def _keys():
    """{key: what its value looks like}; --guest gives the first three."""
    text = (tree.ROOT / "tools/libs/config/keys.def").read_text()
    keys = dict(re.findall(r'^KEY\("(\w+)", "((?:[^"\\]|\\.)*)"', text, re.M))
    for given in ("name", "type", "kernel"):
        del keys[given]
    return keys


KEYS = _keys()


def _read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as error:
        raise tree.Problem(f"{path}: {error.strerror}") from error


def _is_number(key):
    return key in KEYS and not KEYS[key].startswith('\\"')


def _value(key, text):
    """A value as vane reads it: a number, a list, or a string."""
    if _is_number(key) or ("[" in KEYS.get(key, "") and text[:1] == "["):
        return text
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def config(name, kernel, memory=DEFAULT_MEMORY, **values):
    """The text of a domain's .cfg file."""
    lines = [f"name = {_value('name', name)}", 'type = "pv"',
             f"kernel = {_value('kernel', kernel)}"]
    values = {**values, "memory": str(memory)}
    lines += [f"{key} = {_value(key, str(value))}"
              for key, value in values.items() if value != ""]
    return "\n".join(lines) + "\n"


def _split(spec):
    """(name, kernel, {key: value}). A comma separates only in front of a key
    and its `=`, so that values keep their own; one in double quotes keeps
    those as well."""
    name, equals, rest = spec.partition("=")
    key = "(?:%s)=" % "|".join(KEYS)
    option = re.compile(r',(%s)("[^"]*"(?=,%s|$)|.*?(?=,%s|$))' %
                        (key, key, key))
    first = option.search(rest)
    kernel = rest[:first.start()] if first else rest
    if not equals or not NAME.match(name) or not kernel:
        raise tree.Problem(f"--guest {spec}: {WANTED}")
    unknown = re.search(r",(\w+)=", kernel)
    if unknown and not os.path.exists(kernel):
        raise tree.Problem(f"--guest {spec}: {unknown[1]}= is no key that can "
                           "be given here")
    values = {}
    for match in option.finditer(rest, len(kernel)):
        key, value = match[1][:-1], match[2]
        if key in values:
            raise tree.Problem(f"--guest {spec}: {key}= is there twice")
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        if _is_number(key) and not value.isdigit():
            raise tree.Problem(f"--guest {spec}: {key}= wants a number, not "
                               f"{value!r}")
        values[key] = value
    return name, kernel, values


def add_guest(archive, spec):
    """NAME=KERNEL[,key=value...], a Guest."""
    name, kernel, values = _split(spec)
    inside = f"/guests/{name}.kernel"
    if inside.strip("/") in archive.names():
        raise tree.Problem(f"--guest {spec}: there is a guest {name} already")
    kernel = _read(kernel)
    archive.file(inside, kernel)
    if values.get("ramdisk"):
        ramdisk = _read(values["ramdisk"])
        values["ramdisk"] = f"/guests/{name}.ramdisk"
        archive.file(values["ramdisk"], ramdisk)
    archive.file(f"/guests/{name}.cfg",
                 config(name, inside, **values).encode())
    return Guest(kernel, int(values.get("memory", DEFAULT_MEMORY)))


def add_file(archive, spec):
    """FILE[:PATH]; without PATH it lands in /root, where the shell starts."""
    path, _, inside = spec.partition(":")
    inside = inside or f"/root/{os.path.basename(path)}"
    mode = 0o755 if os.access(path, os.X_OK) else 0o644
    try:
        archive.file(inside, _read(path), mode)
    except ValueError as error:
        raise tree.Problem(f"--add {spec}: {error}") from error

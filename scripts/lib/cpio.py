# SPDX-License-Identifier: MIT
"""cpio.py - writes and reads "newc" cpio archives, the format of an initramfs.

Guards: the same input gives the same bytes (times, owners and inode numbers of
the building machine get in only where a caller gives them), and no root rights
are needed, not even for device nodes.
Not here: what belongs into an archive (mkcontrol, pvboot, debian-guest).
"""

import gzip
import stat
import typing

MAGIC = b"070701"
HEADER = 6 + 13 * 8
TRAILER = "TRAILER!!!"


def _pad(data):
    return data + b"\0" * (-len(data) % 4)


class Member(typing.NamedTuple):
    """One file of an archive."""

    mode: int
    data: bytes = b""
    owner: tuple = (0, 0)
    mtime: int = 0
    device: tuple = (0, 0)


class Archive:
    """An ordered set of files; a later entry of the same name replaces."""

    def __init__(self):
        self._entries = {}

    def __contains__(self, path):
        return self._name(path) in self._entries

    def merge(self, other):
        """Takes all that the other archive holds. A file may replace a file,
        never a directory, nor the other way round."""
        for name, new in other._entries.items():
            old = self._entries.get(name)
            if old and stat.S_ISDIR(old.mode) != stat.S_ISDIR(new.mode):
                raise ValueError(f"/{name} is there already, and is "
                                 f"{'a' if stat.S_ISDIR(old.mode) else 'no'} "
                                 "directory")
        self._entries.update(other._entries)

    def names(self):
        return sorted(self._entries)

    def stat(self, path):
        """All of one file, as a Member."""
        return self._entries[self._name(path)]

    def read(self, path):
        """The contents of one file (a symbolic link's target)."""
        return self.stat(path).data

    @staticmethod
    def _name(path):
        name = path.strip("/")
        if not name or ".." in name.split("/"):
            raise ValueError(f"not a path inside the archive: {path!r}")
        return name

    def directory(self, path, mode=0o755):
        self._parents(path)
        self._entries.setdefault(self._name(path),
                                 Member(stat.S_IFDIR | mode))

    def file(self, path, data, mode=0o644):
        self.member(path, Member(stat.S_IFREG | mode, bytes(data)))

    def link(self, path, target):
        self.member(path, Member(stat.S_IFLNK | 0o777, target.encode()))

    def character_device(self, path, major, minor, mode=0o600):
        self.member(path, Member(stat.S_IFCHR | mode, device=(major, minor)))

    def member(self, path, member):
        """Any file, with its owner and all."""
        self._parents(path)
        self._entries[self._name(path)] = member

    def _parents(self, path):
        parts = self._name(path).split("/")[:-1]
        for depth in range(len(parts)):
            name = "/".join(parts[:depth + 1])
            self._entries.setdefault(name, Member(stat.S_IFDIR | 0o755))

    def pack(self):
        """The archive's bytes; parents sort before what they hold."""
        for name in self._entries:
            parent = name.rpartition("/")[0]
            if parent and not stat.S_ISDIR(self._entries[parent].mode):
                raise ValueError(f"/{name} cannot lie in /{parent}, which is "
                                 "a file or a link")
        out = bytearray()
        for inode, name in enumerate(sorted(self._entries), 1):
            out += self._packed(inode, name, self._entries[name])
        out += self._packed(0, TRAILER, Member(0))
        return bytes(out)

    @staticmethod
    def _packed(inode, name, member):
        raw = name.encode() + b"\0"
        links = 2 if stat.S_ISDIR(member.mode) else 1
        fields = (inode, member.mode, *member.owner, links, member.mtime,
                  len(member.data), 0, 0, *member.device, len(raw), 0)
        head = MAGIC + b"".join(b"%08X" % f for f in fields)
        return _pad(head + raw) + _pad(member.data)

    @classmethod
    def unpack(cls, blob):
        """Reads one archive, gzip-compressed or not."""
        if blob[:2] == b"\x1f\x8b":
            blob = gzip.decompress(blob)
        self = cls()
        at = 0
        while True:
            head = blob[at:at + HEADER]
            if head[:6] != MAGIC or len(head) != HEADER:
                raise ValueError(f"no newc header at byte {at}")
            field = [int(head[6 + 8 * i:14 + 8 * i], 16) for i in range(13)]
            size, name_size = field[6], field[11]
            name_at = at + HEADER
            name = blob[name_at:name_at + name_size - 1].decode()
            data_at = at + HEADER + name_size
            data_at += -data_at % 4
            if name == TRAILER:
                return self
            self._entries[name] = Member(
                field[1], blob[data_at:data_at + size], tuple(field[2:4]),
                field[5], tuple(field[9:11]))
            at = data_at + size
            at += -at % 4


def compress(blob):
    """gzip without a time stamp, so that equal input gives equal output."""
    return gzip.compress(blob, compresslevel=9, mtime=0)

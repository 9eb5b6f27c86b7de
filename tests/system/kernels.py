# SPDX-License-Identifier: MIT
"""kernels.py - kernel images with one thing wrong each.

All start from a small image that is right, built here byte by byte, so that a
refusal can only be about the one thing that was changed.
"""

import gzip
import struct

BASE = 0xffffffff80000000
ENTRY = BASE + 0x100000
# Loops by yielding: mov $29,%eax; xor %edi,%edi; syscall; jmp .-11
CODE = bytes.fromhex("b81d00000031ff0f05ebf5") + b"\x90" * 5

NOTES = {
    "guest_os": (6, b"test\0"),
    "xen_version": (5, b"xen-3.0\0"),
    "loader": (8, b"generic\0"),
    "virt_base": (3, struct.pack("<Q", BASE)),
    "paddr_offset": (4, struct.pack("<Q", BASE)),
    "entry": (1, struct.pack("<Q", ENTRY)),
}


def notes(**changes):
    """The notes' bytes; a change is (type, contents), or None to leave out."""
    out = b""
    for name, note in {**NOTES, **changes}.items():
        if note is None:
            continue
        kind, desc = note
        out += struct.pack("<III", 4, len(desc), kind) + b"Xen\0"
        out += desc + b"\0" * (-len(desc) % 4)
    return out


def elf(note_bytes=None, memory_size=0x10000, machine=62, klass=2, vaddr=ENTRY,
        entry=ENTRY, note_offset=None):
    """A kernel: one segment that holds code and notes."""
    note_bytes = notes() if note_bytes is None else note_bytes
    body = CODE + note_bytes
    at = 64 + 2 * 56
    ident = bytes([0x7f, 0x45, 0x4c, 0x46, klass, 1, 1]) + b"\0" * 9
    head = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, entry, 64, 0, 0, 64,
                       56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 7, at, vaddr, vaddr, len(body),
                       max(memory_size, len(body)), 16)
    where = at + len(CODE) if note_offset is None else note_offset
    note = struct.pack("<IIQQQQQQ", 4, 4, where, vaddr + len(CODE),
                       vaddr + len(CODE), len(note_bytes), len(note_bytes), 4)
    return ident + head + load + note + body


# name: (contents, what the refusal has to say)
BAD = {
    "empty": (b"", "empty|truncated|neither a bzImage nor an ELF"),
    "text": (b"#!/bin/sh\necho I am no kernel\n" * 9, "neither a bzImage nor an ELF"),
    "truncated": (elf()[:40], "truncated"),
    "cut": (elf()[:-40], "truncated|beyond its end"),
    "linux-program": (elf(b"\0" * 16), "not made for Xen"),
    "32-bit": (elf(klass=1), "32-bit|not a 64-bit"),
    "arm": (elf(machine=183), "not a 64-bit x86"),
    "other-xen": (elf(notes(xen_version=(5, b"xen-9.9\0"))), "xen-9.9"),
    "other-loader": (elf(notes(loader=(8, b"bsd\0"))), "loader"),
    "wants-feature": (elf(notes(features=(10, b"!auto_translated_physmap"
                                          b"\0"))), "feature"),
    "unknown-feature": (elf(notes(features=(10, b"!time_travel\0"))),
                        "time_travel"),
    "entry-outside": (elf(notes(entry=(1, struct.pack("<Q", BASE)))),
                      "entry point"),
    "too-big": (elf(memory_size=64 << 20), "memory"),
    "notes-outside": (elf(note_offset=1 << 40), "beyond its end|truncated"),
    "bad-gzip": (gzip.compress(elf())[:60], "gzip|truncated|unpack"),
}
GOOD = {
    "good": elf(),
    "good-gzip": gzip.compress(elf(), mtime=0),
}

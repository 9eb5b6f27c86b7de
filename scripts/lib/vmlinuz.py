# SPDX-License-Identifier: MIT
"""vmlinuz.py - the kernel inside a vmlinuz, or bzImage, as distributions ship it.

Its setup header says where that lies, as Linux's boot protocol has it.
Not here: what the domain builder makes of one (tools/libs/build/unpack.c).
"""

import lzma
import struct

SETUP_SECTORS, MAGIC, PAYLOAD, SETUP_END = 0x1f1, 0x202, 0x248, 0x250
SECTOR = 512


def is_bzimage(image):
    return len(image) >= SETUP_END and image[MAGIC:MAGIC + 4] == b"HdrS"


def packed(image):
    """What is packed in it; the last four bytes are its size unpacked."""
    start, length = struct.unpack_from("<II", image, PAYLOAD)
    # 0 means 4, for the sake of very old loaders
    start += ((image[SETUP_SECTORS] or 4) + 1) * SECTOR
    return image[start:start + length]


def payload(image):
    """The plain ELF file that is packed in Debian's, with xz."""
    return lzma.LZMADecompressor().decompress(packed(image))

# SPDX-License-Identifier: MIT
"""vmlinuz.py - the kernel inside Debian's vmlinuz; its boot header says where."""

import lzma
import struct

SETUP_SECTORS, PAYLOAD = 0x1f1, 0x248
SECTOR = 512


def payload(image):
    """The plain ELF file that is packed in it with xz."""
    start, length = struct.unpack_from("<II", image, PAYLOAD)
    start += (image[SETUP_SECTORS] + 1) * SECTOR
    # what lies behind the stream is its length
    return lzma.LZMADecompressor().decompress(image[start:start + length])

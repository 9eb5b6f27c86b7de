# SPDX-License-Identifier: MIT
"""wire.py - the store's protocol, byte by byte, without any library.

A Socket or a Ring sends requests and takes what comes back in the order in
which it comes, so that two daemons can be compared by what they answer.
"""

import mmap
import os
import socket
import struct
import time

OPERATIONS = """CONTROL DIRECTORY READ GET_PERMS WATCH UNWATCH TRANSACTION_START
    TRANSACTION_END INTRODUCE RELEASE GET_DOMAIN_PATH WRITE MKDIR RM SET_PERMS
    WATCH_EVENT ERROR IS_DOMAIN_INTRODUCED RESUME SET_TARGET RESTRICT
    RESET_WATCHES DIRECTORY_PART""".split()
NUMBER = {name: number for number, name in enumerate(OPERATIONS)}
HEADER = struct.Struct("<IIII")
PAYLOAD_MAX = 4096
RING = 1024
PATIENCE = 60


class Gone(Exception):
    """The daemon has ended the connection."""


def name_of(number):
    return OPERATIONS[number] if number < len(OPERATIONS) else str(number)


class Link:
    """Whole messages over bytes; a subclass moves the bytes."""

    def __init__(self):
        self.next_id = 1
        self.received = b""

    def message(self):
        """(type, id, transaction, body) of the next message."""
        while True:
            if len(self.received) >= HEADER.size:
                kind, number, transaction, length = HEADER.unpack_from(
                    self.received)
                end = HEADER.size + length
                if len(self.received) >= end:
                    body = self.received[HEADER.size:end]
                    self.received = self.received[end:]
                    return kind, number, transaction, body
            self.received += self.read_bytes()

    def send(self, kind, body=b"", transaction=0):
        """Sends one request; returns its id."""
        kind = NUMBER[kind] if isinstance(kind, str) else kind
        number = self.next_id
        self.next_id += 1
        self.write_bytes(HEADER.pack(kind, number, transaction, len(body))
                         + body)
        return number

    def read_bytes(self):
        raise NotImplementedError

    def write_bytes(self, data):
        raise NotImplementedError


class Socket(Link):
    def __init__(self, path):
        super().__init__()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))

    def read_bytes(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Gone
        return data

    def write_bytes(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            raise Gone from None

    def close(self):
        self.socket.close()


class Ring(Link):
    """A domain's page: two rings of 1024 bytes, then their four indices."""

    REQUEST_CONSUMER, REQUEST_PRODUCER, ANSWER_CONSUMER, ANSWER_PRODUCER = \
        range(2 * RING, 2 * RING + 16, 4)

    def __init__(self, folder, domid):
        super().__init__()
        self.folder, self.domid = folder, domid
        with open(folder / f"ring-{domid}", "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)

    @staticmethod
    def make(folder, domid):
        (folder / f"ring-{domid}").write_bytes(bytes(4096))

    # All four bytes at once: struct.pack_into would zero them first, and a
    # daemon that looks meanwhile would see an index that never was.
    def index(self, at):
        with memoryview(self.page) as page, page.cast("I") as words:
            return words[at // 4]

    def set_index(self, at, value):
        with memoryview(self.page) as page, page.cast("I") as words:
            words[at // 4] = value & 0xffffffff

    def ring_the_bell(self):
        pipe = os.open(self.folder / "events", os.O_RDWR | os.O_NONBLOCK)
        os.write(pipe, struct.pack("<I", self.domid + 1))
        os.close(pipe)

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Gone
            time.sleep(0.0005)

    def write_bytes(self, data):
        for byte in data:
            produced = self.index(self.REQUEST_PRODUCER)
            if produced - self.index(self.REQUEST_CONSUMER) == RING:
                self.ring_the_bell()
                self.wait(lambda: self.index(self.REQUEST_PRODUCER) -
                          self.index(self.REQUEST_CONSUMER) < RING)
            self.page[produced % RING] = byte
            self.set_index(self.REQUEST_PRODUCER, produced + 1)
        self.ring_the_bell()

    def read_bytes(self):
        self.wait(lambda: self.index(self.ANSWER_PRODUCER) !=
                  self.index(self.ANSWER_CONSUMER))
        consumed = self.index(self.ANSWER_CONSUMER)
        produced = self.index(self.ANSWER_PRODUCER)
        data = bytes(self.page[RING + n % RING]
                     for n in range(consumed, produced))
        self.set_index(self.ANSWER_CONSUMER, produced)
        self.ring_the_bell()
        return data

    def close(self):
        self.page.close()

# SPDX-License-Identifier: MIT
"""play.py - our daemon, which can be killed and started again, and domains
played by whoever maps their page."""

import os
import signal
import struct

from daemons import Daemon
from wire import NUMBER, Ring, Socket, name_of


class Player(Ring):
    """A domain: its page, and what it is answered."""

    def __init__(self, store, domid):
        Ring.make(store.folder, domid)
        super().__init__(store.folder, domid)
        self.events = []

    def answer(self):
        """The next answer; events before it are kept."""
        while True:
            kind, number, _, body = self.message()
            if name_of(kind) != "WATCH_EVENT":
                return name_of(kind), number, body
            self.events.append(body)

    def ask(self, kind, *words, transaction=0):
        self.send(kind, b"".join(w.encode() + b"\0" for w in words),
                  transaction)
        kind, _, body = self.answer()
        return body.rstrip(b"\0").decode() if kind != "READ" else body.decode()

    def write(self, path, value="", transaction=0):
        self.send("WRITE", path.encode() + b"\0" + value.encode(),
                  transaction)
        return self.answer()[2].rstrip(b"\0").decode()

    def ring_error(self):
        """XENSTORE_ERROR_* as the daemon left it."""
        return struct.unpack_from("<I", self.page, 2 * 1024 + 24)[0]

    def reconnect(self):
        """Asks for a fresh start, and waits until it is given."""
        self.received = b""
        struct.pack_into("<I", self.page, 2 * 1024 + 20, 1)
        self.ring_the_bell()
        self.wait(lambda: struct.unpack_from(
            "<I", self.page, 2 * 1024 + 20)[0] == 0)


class Client(Socket):
    """A program of domain 0."""

    def __init__(self, store):
        super().__init__(store.socket)
        self.events = []

    answer = Player.answer
    ask = Player.ask
    write = Player.write


class Store(Daemon):
    """Our daemon. `errors` is what it said on standard error, once over."""

    def __init__(self):
        super().__init__("ours")
        self.errors = ""

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.errors = (self.folder / "log").read_text(errors="replace")
        super().__exit__()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def again(self):
        """Starts it again, on the state that the last one left."""
        if self.process.poll() is None:
            self.kill()
        self.__enter__()

    def log(self):
        path = self.folder / "store.log"
        return path.read_text() if path.exists() else ""

    def client(self):
        return Client(self)

    def domain(self, domid, home=True):
        """A domain that lives, is introduced, and owns its folder."""
        player = Player(self, domid)
        tools = self.client()
        if home:
            path = f"/local/domain/{domid}"
            assert tools.write(path) == "OK"
            assert tools.ask("SET_PERMS", path, f"n{domid}") == "OK"
        assert tools.ask("INTRODUCE", str(domid), "1", "1") == "OK"
        tools.close()
        return player

    def end(self, domid):
        """The domain dies."""
        (self.folder / f"ring-{domid}").unlink()
        pipe = os.open(self.folder / "events", os.O_RDWR | os.O_NONBLOCK)
        os.write(pipe, struct.pack("<I", 0))
        os.close(pipe)

    def processor_time(self):
        """Clock ticks it has used."""
        fields = open(f"/proc/{self.process.pid}/stat").read().split()
        return int(fields[13]) + int(fields[14])


__all__ = ["Client", "NUMBER", "Player", "Store"]

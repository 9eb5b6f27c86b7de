# SPDX-License-Identifier: MIT
"""test_kill.py - the daemon is killed at any moment, and started again.

Rule: what was answered is so afterwards. A domain gets one answer to each
request, whatever the daemon had done of it, and each event once.
"""

import pathlib
import random
import struct
import threading
import time

import pytest
from wire import Gone

SEED = 417
ROUNDS = 12


def write_until_it_dies(store, name, first, done):
    """Writes first, first + 1, ... below /NAME; `done` gets the answered."""
    try:
        client = store.client()
        number = first
        while True:
            if client.write(f"/{name}/{number % 50}", str(number)) != "OK":
                return
            done[name] = number
            number += 1
    except (Gone, OSError):
        pass


def test_answered_writes_survive(store):
    chance = random.Random(SEED)
    done = {name: -1 for name in "abc"}
    # on a busy machine a round may be over before anything is answered: then
    # they become longer
    for turn in range(20 * ROUNDS):
        if turn >= ROUNDS and min(done.values()) > ROUNDS:
            break
        threads = [threading.Thread(target=write_until_it_dies,
                                    args=(store, name, done[name] + 1, done))
                   for name in done]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.02, 0.2) * (1 + turn // ROUNDS))
        store.kill()
        for thread in threads:
            thread.join()
        store.again()
        client = store.client()
        for name, last in done.items():
            for slot in range(50):
                newest = last - (last - slot) % 50
                right = [str(newest) if newest >= 0 else "ENOENT"]
                # the one that was not answered may have happened
                if slot == (last + 1) % 50:
                    right.append(str(last + 1))
                got = client.ask("READ", f"/{name}/{slot}")
                assert got in right, (name, slot, last, got)
        assert client.ask("CONTROL", "check") == "OK"
        client.close()
    assert min(done.values()) > ROUNDS


def test_domain_gets_each_answer_once(store):
    """Requests longer than the ring, so that the daemon is killed with a part
    of one taken; a watch, so that events are owed too."""
    chance = random.Random(SEED)
    player = store.domain(3)
    assert player.ask("WATCH", "box", "seen") == "OK"
    stop = threading.Event()
    began = time.monotonic()

    def killer():
        while not stop.is_set():
            # a daemon that gets nothing done in that time gets more of it
            patience = 1 + (time.monotonic() - began) / 30
            time.sleep(chance.uniform(0.03, 0.15) * patience)
            store.again()

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        for number in range(250):
            text = f"{number} " + "x" * chance.choice((3, 200, 1500))
            player.send("WRITE", b"box\0" + text.encode())
            kind, answered, body = player.answer()
            assert (kind, answered, body) == \
                ("WRITE", player.next_id - 1, b"OK\0")
            assert player.ask("READ", "box") == text
    finally:
        stop.set()
        thread.join()
    assert player.index(player.REQUEST_PRODUCER) == \
        player.index(player.REQUEST_CONSUMER)
    # the first tells that the watch is there
    assert player.events == [b"box\0seen\0"] * 251


def test_watches_stay_and_transactions_end(store):
    player = store.domain(3)
    player.ask("WATCH", "a", "token")
    number = int(player.ask("TRANSACTION_START", ""))
    assert player.write("b", "1", transaction=number) == "OK"
    store.again()
    client = store.client()
    assert client.write("/local/domain/3/a", "new") == "OK"
    assert player.ask("TRANSACTION_END", "T", transaction=number) == "EAGAIN"
    assert player.events == [b"a\0token\0", b"a\0token\0"]
    assert player.ask("READ", "b") == "ENOENT"
    assert player.ask("READ", "a") == "new"
    fresh = int(player.ask("TRANSACTION_START", ""))
    assert fresh != number


def test_domain_that_died_meanwhile_is_released(store):
    player = store.domain(3)
    assert player.write("mine", "1") == "OK"
    store.kill()
    (store.folder / "ring-3").unlink()
    store.again()
    client = store.client()
    assert client.ask("IS_DOMAIN_INTRODUCED", "3") == "F"
    assert client.ask("READ", "/local/domain/3/mine") == "ENOENT"


def test_limits_and_special_permissions_stay(store):
    client = store.client()
    assert client.ask("CONTROL", "quota", "set", "nodes", "77") == "OK"
    assert client.ask("SET_PERMS", "@releaseDomain", "b0") == "OK"
    store.again()
    player = store.domain(3)
    store.domain(4)
    assert player.ask("WATCH", "@releaseDomain", "r") == "OK"
    assert "77 Nodes per domain" in store.client().ask("CONTROL", "quota")
    store.end(4)
    while player.events.count(b"@releaseDomain\0r\0") < 2:
        player.ask("READ", "a")


def newest(store, kind):
    files = (store.folder / "state").glob(kind + ".[0-9]*")
    return max(files, key=lambda f: int(f.name.split(".")[1]))


def test_state_that_could_not_be_written_is_so_later(store):
    """Also if nobody asks for anything meanwhile."""
    number = int(newest(store, "journal").name.split(".")[1]) + 1
    in_the_way = store.folder / "state" / f"journal.{number}"
    in_the_way.mkdir()
    client = store.client()
    written = 0
    while "the state cannot be written" not in store.log():
        written += 1
        assert written < 1000
        assert client.write("/w", str(written) + "x" * 2000) == "OK"
    in_the_way.rmdir()
    end = time.monotonic() + 600
    while not (store.folder / "state" / f"state.{number}").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    store.again()
    assert store.client().ask("READ", "/w") == str(written) + "x" * 2000


@pytest.mark.parametrize("cut", (1, 7, 30))
def test_record_cut_short_is_dropped_and_said(store, cut):
    client = store.client()
    assert client.write("/kept", "1") == "OK"
    assert client.write("/lost", "1") == "OK"
    store.kill()
    journal = newest(store, "journal")
    journal.write_bytes(journal.read_bytes()[:-cut])
    store.again()
    client = store.client()
    assert client.ask("READ", "/kept") == "1"
    assert client.ask("READ", "/lost") == "ENOENT"
    assert "after the last whole record" in store.log()
    assert client.write("/after", "1") == "OK"
    store.again()
    assert store.client().ask("READ", "/after") == "1"


def test_damage_anywhere_leaves_a_store_that_serves(store):
    chance = random.Random(SEED)
    client = store.client()
    for number in range(100):
        assert client.write(f"/d/{number}", "x" * number) == "OK"
    player = store.domain(3)
    player.ask("WATCH", "a", "b")
    store.kill()
    whole = {f: f.read_bytes() for f in
             (store.folder / "state").iterdir()}
    for _ in range(40):
        for file in (store.folder / "state").iterdir():
            file.unlink()
        for file, data in whole.items():
            data = bytearray(data)
            for _ in range(chance.randrange(3)):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(data[:chance.choice((len(data),
                                                  chance.randrange(len(data))))])
        store.again()
        client = store.client()
        assert client.ask("CONTROL", "check") == "OK"
        assert client.write("/after", "1") == "OK"
        client.close()
        store.kill()
    store.again()


def test_state_of_another_boot_is_left_out(store):
    store.client().write("/old", "1")
    store.kill()
    for file in pathlib.Path(store.folder / "state").iterdir():
        data = bytearray(file.read_bytes())
        data[16:20] = struct.pack("<I", 0x41414141)
        file.write_bytes(data)
    store.again()
    assert store.client().ask("READ", "/old") == "ENOENT"
    assert "another boot" in store.log()

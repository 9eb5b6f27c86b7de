# SPDX-License-Identifier: MIT
"""test_rings.py - domains that break the rules of their ring.

Rule: whatever a domain does to its page, the others are served as before, the
daemon neither spins nor ends, and the log says who did what.
"""

import random
import struct
import time

import pytest
from play import Player
from wire import HEADER

SEED = 1024
RING_INDEX, PROTOCOL, COMMUNICATION = 2, 3, 1


def set_word(player, at, value):
    struct.pack_into("<I", player.page, at, value & 0xffffffff)


def serves_others(store, other):
    assert other.write("alive", "yes") == "OK"
    client = store.client()
    assert client.ask("READ", f"/local/domain/{other.domid}/alive") == "yes"
    client.close()


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def requests_too_far(player):
    player.set_index(player.REQUEST_PRODUCER,
                     player.index(player.REQUEST_CONSUMER) + 1025)


def requests_backwards(player):
    player.set_index(player.REQUEST_PRODUCER,
                     player.index(player.REQUEST_CONSUMER) - 1)


def answers_too_far(player):
    player.set_index(player.ANSWER_CONSUMER,
                     player.index(player.ANSWER_PRODUCER) + 1)
    player.send("READ", b"a\0")


def payload_too_long(player):
    player.write_bytes(HEADER.pack(2, 1, 0, 4097))


def payload_absurd(player):
    player.write_bytes(HEADER.pack(2, 1, 0, 0xffffffff))


@pytest.mark.parametrize("crime, error, words", (
    (requests_too_far, RING_INDEX, "requests' index is out of bounds"),
    (requests_backwards, RING_INDEX, "requests' index is out of bounds"),
    (answers_too_far, RING_INDEX, "answers' index is out of bounds"),
    (payload_too_long, PROTOCOL, "longer than allowed"),
    (payload_absurd, PROTOCOL, "longer than allowed")),
    ids=lambda x: getattr(x, "__name__", None))
def test_crime_costs_its_own_connection(store, crime, error, words):
    bad, good = store.domain(5), store.domain(6)
    assert bad.write("a", "1") == "OK"
    crime(bad)
    bad.ring_the_bell()
    until(lambda: bad.ring_error() == error)
    serves_others(store, good)
    assert f"domain 5: its store connection is dropped: " in store.log()
    assert words in store.log()
    # broken it stays, through a restart too, until it asks for a fresh start
    store.again()
    assert bad.ring_error() == error
    serves_others(store, good)
    bad.reconnect()
    assert bad.ring_error() == 0
    assert bad.ask("READ", "a") == "1"


def test_crimes_do_not_fill_the_log(store):
    bad = store.domain(5)
    for _ in range(20):
        payload_absurd(bad)
        until(lambda: bad.ring_error() == PROTOCOL)
        bad.reconnect()
    assert store.log().count("its store connection is dropped") == 1
    bad.write_bytes(HEADER.pack(2, 1, 0, 2) + b"a\0")
    assert bad.answer()[2] == b"ENOENT\0"


def test_silence_costs_nothing(store):
    """A request that never ends, and answers that nobody reads."""
    half, deaf, good = store.domain(5), store.domain(6), store.domain(7)
    half.write_bytes(HEADER.pack(2, 1, 0, 100)[:9])
    for _ in range(40):
        deaf.write_bytes(HEADER.pack(1, 1, 0, 2) + b"/\0")
    serves_others(store, good)
    used = store.processor_time()
    time.sleep(1.0)
    assert store.processor_time() - used < 20
    serves_others(store, good)
    # what was asked and not read is answered once it is
    for _ in range(40):
        assert deaf.answer()[0] == "ERROR"


def test_events_that_pile_up_cost_their_owner(store):
    deaf, good = store.domain(5), store.domain(6)
    client = store.client()
    for number in range(100):
        path = f"/local/domain/5/w{number}" + "y" * 1500
        assert client.write(path, "") == "OK"
        assert deaf.ask("WATCH", path, f"{number}") == "OK"
    number = 0
    while deaf.ring_error() == 0:
        number += 1
        assert number < 2000
        assert client.write(
            f"/local/domain/5/w{number % 100}" + "y" * 1500 +
            f"/{number}", "") == "OK"
    assert deaf.ring_error() == COMMUNICATION
    assert "does not read what it is sent" in store.log()
    serves_others(store, good)


def test_page_of_noise(store):
    """The page filled with anything, over and over."""
    chance = random.Random(SEED)
    bad, good = store.domain(5), store.domain(6)
    for _ in range(150):
        at = chance.choice((0, 1024, 2048, 2048, 2048))
        size = chance.choice((4, 8, 16, 28))
        bad.page[at:at + size] = chance.randbytes(size)
        bad.ring_the_bell()
        if chance.random() < 0.1:
            serves_others(store, good)
        if chance.random() < 0.3:
            set_word(bad, 2048 + 20, 1)
            bad.ring_the_bell()
    serves_others(store, good)
    used = store.processor_time()
    time.sleep(0.5)
    assert store.processor_time() - used < 20


def test_index_moved_while_the_daemon_was_away(store):
    bad, good = store.domain(5), store.domain(6)
    assert bad.write("a", "1") == "OK"
    store.kill()
    bad.set_index(bad.ANSWER_PRODUCER, 12345)
    store.again()
    until(lambda: bad.ring_error() == RING_INDEX)
    serves_others(store, good)


def test_one_that_never_stops_asking_leaves_room_for_others(store):
    """Fairness: a full ring of requests at every look."""
    greedy, good = store.domain(5), store.domain(6)
    one = HEADER.pack(2, 1, 0, 2) + b"a\0"
    for _ in range(20):
        greedy.write_bytes(one * 40)
        assert good.write("turn", "mine") == "OK"
        for _ in range(40):
            assert greedy.answer()[2] == b"ENOENT\0"


def test_domain_that_dies_lets_go_of_everything(store):
    gone, other = store.domain(5), store.domain(6)
    client = store.client()
    assert client.ask("WATCH", "@releaseDomain", "end") == "OK"
    assert gone.ask("WATCH", "x", "y") == "OK"
    assert gone.ask("TRANSACTION_START", "") == "1"
    assert gone.write("mine/deep", "1") == "OK"
    assert client.write("/shared", "1") == "OK"
    assert client.ask("SET_PERMS", "/shared", "n0", "r5") == "OK"
    assert gone.ask("READ", "/shared") == "1"
    store.end(5)
    until(lambda: client.ask("IS_DOMAIN_INTRODUCED", "5") == "F")
    assert client.ask("READ", "/local/domain/5") == "ENOENT"
    while client.events.count(b"@releaseDomain\0end\0") < 2:
        client.ask("READ", "/")
    assert client.ask("CONTROL", "quota", "5") == "ENOENT"
    # a later domain of that number has no rights that were not meant for it
    later = store.domain(5)
    assert later.ask("READ", "/shared") == "EACCES"
    serves_others(store, other)


def test_nodes_go_however_long_their_names(store):
    store.domain(5)
    client = store.client()
    long_name = "/" + "y" * 200
    assert client.write(long_name, "1") == "OK"
    assert client.ask("SET_PERMS", long_name, "n5") == "OK"
    assert client.ask("CONTROL", "quota", "set", "path-max", "100") == "OK"
    store.end(5)
    until(lambda: client.ask("IS_DOMAIN_INTRODUCED", "5") == "F")
    assert client.ask("CONTROL", "quota", "set", "path-max", "1000") == "OK"
    assert client.ask("READ", long_name) == "ENOENT"


def test_owner_means_the_domain_of_that_time(store):
    """Nodes that are there when a number gets another bearer: the dead one's,
    and what others make below permissions that were meant for it."""
    gone, other = store.domain(5), store.domain(6)
    client = store.client()
    assert client.write("/drop", "") == "OK"
    assert client.ask("SET_PERMS", "/drop", "w0", "r5") == "OK"
    number = int(client.ask("TRANSACTION_START", ""))
    assert client.write("/left", "secret", transaction=number) == "OK"
    assert client.ask("SET_PERMS", "/left", "n5", transaction=number) == "OK"
    store.end(5)
    until(lambda: client.ask("IS_DOMAIN_INTRODUCED", "5") == "F")
    assert client.ask("TRANSACTION_END", "T", transaction=number) == "OK"
    later = store.domain(5)
    for _ in range(2):
        assert later.ask("READ", "/left") == "EACCES"
        assert client.ask("READ", "/left") == "secret"
        store.again()
        client = store.client()
    # who makes a node owns it, whatever the permissions above are of
    assert later.write("/drop/mine", "1") == "OK"
    assert later.ask("READ", "/drop/mine") == "1"
    assert other.write("/drop/others", "1") == "OK"
    assert other.ask("READ", "/drop/others") == "1"
    assert later.ask("READ", "/drop/others") == "EACCES"


def test_root_given_to_a_domain_outlives_it(store):
    gone = store.domain(5)
    client = store.client()
    assert client.ask("SET_PERMS", "/", "r5", "b6") == "OK"
    assert gone.write("/made", "1") == "OK"
    store.end(5)
    until(lambda: client.ask("IS_DOMAIN_INTRODUCED", "5") == "F")
    assert client.ask("READ", "/made") == "ENOENT"
    for _ in range(2):
        client = store.client()
        assert client.ask("GET_PERMS", "/") == "r0\0b6"
        assert client.ask("READ", "/nope/deeper") == "ENOENT"
        assert client.ask("CONTROL", "check") == "OK"
        store.again()


def test_domain_0_is_not_introduced_twice(store):
    """Its kernel asks by the very ring that would begin anew."""
    kernel = Player(store, 0)
    assert kernel.ask("INTRODUCE", "0", "1", "1") == "EINVAL"
    assert kernel.ask("READ", "/local/domain/0/domid") == "0"
    assert store.client().ask("INTRODUCE", "0", "1", "1") == "EINVAL"
    assert kernel.write("/after", "1") == "OK"
    store.again()
    assert kernel.ask("READ", "/after") == "1"


def test_target_lends_its_rights(store):
    helper, guest = store.domain(5), store.domain(6)
    assert helper.ask("READ", "/local/domain/6") == "EACCES"
    client = store.client()
    assert client.ask("SET_TARGET", "5", "6") == "OK"
    assert helper.ask("READ", "/local/domain/6") == ""
    assert guest.ask("READ", "/local/domain/5") == "EACCES"
    store.again()
    assert helper.ask("READ", "/local/domain/6") == ""

# SPDX-License-Identifier: MIT
"""test_quota.py - what a domain may have at most.

Rule: up to the limit it gets what it asks for, above it the error that Xen's
daemon gives, and the log names the domain, the limit and the value.
"""

import re
import resource
import time

import pytest
from play import Client


def set_limit(store, name, value):
    client = store.client()
    assert client.ask("CONTROL", "quota", "set", name, str(value)) == "OK"
    client.close()


def usage(store, domid):
    client = store.client()
    text = client.ask("CONTROL", "quota", str(domid))
    client.close()
    return {name: int(value) for name, value in
            re.findall(r"(\S+) *: +(\d+)", text)}


def refusals(store, domid, name):
    return re.findall(rf"domain {domid} refused: limit {name} is (\d+), "
                      r"wanted (\d+)", store.log())


def nodes(player, number):
    return player.write(f"n{number}", "")


def watches(player, number):
    return player.ask("WATCH", f"w{number}", "token")


def transactions(player, number):
    answer = player.ask("TRANSACTION_START", "")
    return "OK" if answer.isdigit() else answer


@pytest.mark.parametrize("name, act, error, before", (
    ("nodes", nodes, "ENOSPC", 1),      # its folder is its own too
    ("watches", watches, "E2BIG", 0),
    ("transactions", transactions, "ENOSPC", 0)))
def test_count(store, name, act, error, before):
    limit = 7
    set_limit(store, name, limit)
    player, other = store.domain(3), store.domain(4)
    for number in range(limit - before):
        assert act(player, number) == "OK"
        assert usage(store, 3)[name] == number + 1 + before
    for number in range(100, 105):
        assert act(player, number) == error
    # once for five of them
    assert refusals(store, 3, name) == [(str(limit), str(limit + 1))]
    assert act(other, 0) == "OK"
    set_limit(store, name, limit + 1)
    assert act(player, 200) == "OK"


def test_nodes_made_in_a_transaction_count(store):
    set_limit(store, "nodes", 5)
    player = store.domain(3)
    number = int(player.ask("TRANSACTION_START", ""))
    for n in range(4):
        assert player.write(f"n{n}", "", transaction=number) == "OK"
    assert player.write("n9", "", transaction=number) == "ENOSPC"
    # one that was refused a part does not do the rest
    assert player.ask("TRANSACTION_END", "T", transaction=number) == "ENOMEM"
    number = int(player.ask("TRANSACTION_START", ""))
    for n in range(4):
        assert player.write(f"n{n}", "", transaction=number) == "OK"
    assert player.write("other", "") == "OK"
    # others came in between
    assert player.ask("TRANSACTION_END", "T", transaction=number) == "ENOSPC"
    assert usage(store, 3)["nodes"] == 2
    assert player.ask("RM", "other") == "OK"
    assert usage(store, 3)["nodes"] == 1


def test_node_size(store):
    player = store.domain(3)
    assert player.write("big", "x" * 2000) == "OK"
    assert player.write("big", "x" * 2048) == "ENOSPC"
    assert player.ask("READ", "big") == "x" * 2000
    assert refusals(store, 3, "node-size")[0][0] == "2048"


def test_path(store):
    set_limit(store, "path-max", 100)
    player = store.domain(3)
    assert player.write("p" * 100, "") == "OK"
    assert player.write("p" * 101, "") == "EINVAL"
    assert refusals(store, 3, "path-max")


def test_permissions(store):
    player = store.domain(3)
    assert player.write("p", "") == "OK"
    names = ["n3"] + [f"r{n}" for n in range(10, 20)]
    assert player.ask("SET_PERMS", "p", *names[:5]) == "OK"
    assert player.ask("SET_PERMS", "p", *names[:6]) == "ENOSPC"
    assert refusals(store, 3, "permissions") == [("5", "6")]


def test_nodes_of_a_transaction(store):
    set_limit(store, "transaction-nodes", 10)
    player = store.domain(3)
    number = int(player.ask("TRANSACTION_START", ""))
    answers = [player.write(f"n{n}", "", transaction=number)
               for n in range(15)]
    assert answers[0] == "OK" and answers[-1] == "ENOSPC"
    assert refusals(store, 3, "transaction-nodes") == [("10", "11")]


def test_memory(store):
    set_limit(store, "memory", 20000)
    player = store.domain(3)
    answers = [player.write(f"n{n}", "x" * 1000) for n in range(25)]
    assert answers[0] == "OK" and answers[-1] == "ENOMEM"
    assert usage(store, 3)["memory"] <= 20000
    assert refusals(store, 3, "memory")
    for n in range(25):
        player.ask("RM", f"n{n}")
    assert player.write("again", "x" * 1000) == "OK"


def fill(player, number, text):
    """Writes in a transaction until that is refused; how often it was not."""
    written = 0
    while player.write(f"t{written}", text, transaction=number) == "OK":
        written += 1
    return written


def test_memory_of_open_transactions(store):
    set_limit(store, "memory", 20000)
    player = store.domain(3)
    before = usage(store, 3)
    numbers = [int(player.ask("TRANSACTION_START", "")) for _ in range(5)]
    assert 0 < sum(fill(player, n, "x" * 1900) for n in numbers) <= 10
    assert usage(store, 3)["memory"] <= 20000
    assert refusals(store, 3, "memory")
    for number in numbers:
        assert player.ask("TRANSACTION_END", "F", transaction=number) == "OK"
    assert usage(store, 3) == before
    number = int(player.ask("TRANSACTION_START", ""))
    for _ in range(50):
        assert player.write("t", "x" * 1900, transaction=number) == "OK"
    assert player.ask("TRANSACTION_END", "T", transaction=number) == "OK"


def test_memory_that_only_a_transaction_still_has(store):
    """Values that it has read, and the nodes have no longer."""
    set_limit(store, "memory", 20000)
    player = store.domain(3)
    rounds = 0
    while player.write("n", "x" * 1900) == "OK":
        number = player.ask("TRANSACTION_START", "")
        player.send("READ", b"n\0", int(number))
        if player.answer()[2] != b"x" * 1900:
            break
        rounds += 1
    assert 0 < rounds < 10
    assert usage(store, 3)["memory"] <= 20000
    assert refusals(store, 3, "memory")


def test_no_more_files_than_allowed(store):
    """Who comes then waits; nobody is refused, and the daemon does not spin."""
    resource.prlimit(store.process.pid, resource.RLIMIT_NOFILE, (40, 40))
    player = store.domain(3)
    clients = [Client(store) for _ in range(45)]
    assert clients[0].write("/a", "1") == "OK"
    used = store.processor_time()
    time.sleep(1.0)
    assert store.processor_time() - used < 20
    assert player.write("a", "1") == "OK"
    for client in clients[:20]:
        client.close()
    assert clients[-1].ask("READ", "/a") == "1"


def test_soft_memory_is_a_warning(store):
    client = store.client()
    assert client.ask("CONTROL", "quota-soft", "set", "memory", "5000") == "OK"
    player = store.domain(3)
    for n in range(10):
        assert player.write(f"n{n}", "x" * 1000) == "OK"
    assert "are above the soft limit of 5000" in store.log()


def test_outstanding_requests_wait(store):
    """More are not refused; they are taken when answers have been read."""
    set_limit(store, "outstanding", 3)
    player = store.domain(3)
    assert player.write("long", "x" * 900) == "OK"
    for _ in range(12):
        player.send("READ", b"long\0")
    assert usage(store, 3)["outstanding"] <= 3
    for _ in range(12):
        assert player.answer()[2] == b"x" * 900


def test_domain_0_has_no_limits(store):
    for name in ("nodes", "watches", "transactions"):
        set_limit(store, name, 0)
    client = store.client()
    for number in range(20):
        assert client.write(f"/free/{number}", "") == "OK"
        assert client.ask("WATCH", f"/free/{number}", "t") == "OK"
        assert client.ask("TRANSACTION_START", "").isdigit()


def test_what_it_had_is_given_back(store):
    player = store.domain(3)
    before = usage(store, 3)
    for round_number in range(3):
        number = int(player.ask("TRANSACTION_START", ""))
        for n in range(20):
            player.write(f"n{n}/m", "x" * n, transaction=number)
        assert player.ask("TRANSACTION_END", "FT"[round_number % 2],
                          transaction=number) == "OK"
        player.ask("WATCH", "n1", "t")
        player.ask("UNWATCH", "n1", "t")
        for n in range(20):
            player.ask("RM", f"n{n}")
    after = usage(store, 3)
    assert after == before

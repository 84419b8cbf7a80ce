"""The blocking connection to Redis: where it goes by an address, and what is left of one that could not be made."""

from __future__ import annotations

import gc
import socket
import threading

import pytest

from realtime.bus.resp import Address, Connection


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://", Address()),
        ("redis://cache.internal:6380/3", Address("cache.internal", 6380, database=3)),
        ("rediss://nio:p%40ss@cache.internal", Address("cache.internal", username="nio", password="p@ss", tls=True)),
        ("unix:///run/redis.sock?db=2", Address(path="/run/redis.sock", database=2)),
    ],
)
def test_an_address_says_where_redis_is_and_who_we_are_there(url: str, address: Address):
    assert Address.parsed(url) == address


def test_a_connection_that_could_not_be_made_leaves_nothing_to_close():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]

    with pytest.raises(ConnectionRefusedError):
        Connection(Address(port=port))

    gc.collect()  # What goes wrong while an object is thrown away is a warning, and a warning fails the test.


def test_a_connection_that_nobody_keeps_closes_itself():
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=greet, args=[server])
        answering.start()
        connection = Connection(Address(port=server.getsockname()[1]))
        answering.join()
        line = connection.socket

        del connection
        gc.collect()

        assert line.fileno() == -1


def greet(server: socket.socket) -> None:
    """Answer the first command as Redis does."""
    line, _address = server.accept()
    with line:
        line.recv(1000)
        line.sendall(b"+OK\r\n")

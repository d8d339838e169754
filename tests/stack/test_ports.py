"""Ports are checked before anything starts, and a refusal names the flag."""

import socket

import pytest

from runtime.ports import PortTakenError, PortWish, choose, free_port, is_free


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_refused_with_its_number_purpose_and_flag(taken):
    with pytest.raises(PortTakenError) as refusal:
        choose([PortWish("Temporal", "--temporal-port", taken)])
    assert f"port {taken}, for Temporal, is taken" in str(refusal.value)
    assert "--temporal-port" in str(refusal.value)


def test_all_taken_ports_are_named_at_once(taken):
    wishes = [PortWish("the API", "--port", taken), PortWish("SMTP", "--smtp-port", 0)]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        second = other.getsockname()[1]
        with pytest.raises(PortTakenError) as refusal:
            choose([*wishes, PortWish("Temporal", "--temporal-port", second)])
    assert "--port" in str(refusal.value)
    assert "--temporal-port" in str(refusal.value)
    assert "--smtp-port" not in str(refusal.value)


def test_a_port_listened_on_at_all_addresses_is_taken():
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        assert not is_free(other.getsockname()[1])


def test_two_wishes_for_one_port_name_both_flags():
    port = free_port()
    with pytest.raises(PortTakenError, match=r"--port and --smtp-port|--smtp-port and --port"):
        choose([PortWish("the API", "--port", port), PortWish("SMTP", "--smtp-port", port)])


def test_free_ports_differ_from_each_other_and_from_those_asked_for():
    asked = free_port()
    wishes = [PortWish(str(n), f"--{n}", 0) for n in range(20)]
    chosen = choose([*wishes, PortWish("asked", "--asked", asked)])
    assert chosen["asked"] == asked
    assert len(set(chosen.values())) == 21


def test_a_port_number_that_is_none_is_refused_in_words():
    with pytest.raises(PortTakenError, match="port 70000, for the API, cannot be used"):
        choose([PortWish("the API", "--port", 70000)])


def test_a_port_just_given_up_can_be_taken_again():
    port = free_port()
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        client.connect(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()
    assert is_free(port)

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.errors import LocalProtocolError
from meshconf.protocol.identity import Identity, peer_id_of, safety_phrase, verify

ALICE = Identity(b"\x01" * 32)
BOB = Identity(b"\x02" * 32)


def test_an_identity_grows_from_the_given_entropy() -> None:
    assert Identity.generate(random.Random(1).randbytes).public == Identity(random.Random(1).randbytes(32)).public


def test_a_peer_id_is_sixteen_base32_characters_of_the_key() -> None:
    assert ALICE.peer_id == peer_id_of(ALICE.public) != BOB.peer_id
    assert len(ALICE.peer_id) == 16 and set(ALICE.peer_id) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_signature_holds_for_its_key_and_message_only() -> None:
    signature = ALICE.sign(b"hello")
    assert verify(ALICE.public, signature, b"hello")
    assert not verify(ALICE.public, signature, b"hullo")
    assert not verify(BOB.public, signature, b"hello")


@given(st.binary(max_size=64), st.binary(max_size=80))
def test_junk_is_no_signature(public: bytes, signature: bytes) -> None:
    assert not verify(public, signature, b"hello")


def test_the_private_half_stays_out_of_repr() -> None:
    assert repr(ALICE) == f"Identity({ALICE.peer_id})"


def test_a_seed_of_the_wrong_length_is_our_own_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        Identity(b"short")


def test_both_people_read_the_same_six_words() -> None:
    phrase = safety_phrase(ALICE.public, BOB.public)
    assert phrase == safety_phrase(BOB.public, ALICE.public)
    assert phrase != safety_phrase(ALICE.public, ALICE.public)
    assert len(phrase.split()) == 6

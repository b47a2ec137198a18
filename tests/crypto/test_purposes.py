"""No two purposes can be taken for each other, not even by a body that imitates a longer one."""

from enum import StrEnum
from itertools import permutations

import pytest

from crypto.purposes import (
    Derivation,
    KdfPurpose,
    SealPurpose,
    SignPurpose,
    kdf_prefix,
    seal_prefix,
    sign_prefix,
)

SIGN = [sign_prefix(each) for each in SignPurpose]
SEAL = [seal_prefix(each) for each in SealPurpose]
KDF = [kdf_prefix(kind, each) for kind in Derivation for each in KdfPurpose]


@pytest.mark.parametrize("prefixes", [SIGN, SEAL, KDF, SIGN + SEAL + KDF])
def test_no_prefix_begins_another(prefixes: list[bytes]) -> None:
    assert len(set(prefixes)) == len(prefixes)
    for one, other in permutations(prefixes, 2):
        assert not other.startswith(one)


@pytest.mark.parametrize("prefix", SIGN + SEAL + KDF)
def test_a_prefix_ends_with_its_only_nul(prefix: bytes) -> None:
    assert prefix.startswith(b"holdfast/1/")
    assert prefix.index(b"\0") == len(prefix) - 1


@pytest.mark.parametrize("purposes", [SignPurpose, SealPurpose, KdfPurpose])
def test_words_are_plain_and_name_themselves(purposes: type[StrEnum]) -> None:
    # Members with one value would silently be aliases: __members__ lists those too.
    assert len(purposes.__members__) == len(set(purposes))
    for name, member in purposes.__members__.items():
        assert member.value == name.lower().replace("_", "-")


def test_exact_bytes() -> None:
    assert sign_prefix(SignPurpose.POINTER) == b"holdfast/1/pointer\0"
    assert seal_prefix(SealPurpose.SEGMENT) == b"holdfast/1/seal/segment\0"
    assert kdf_prefix(Derivation.KEY, KdfPurpose.SIGN_IN) == b"holdfast/1/kdf/sign-in\0"
    assert kdf_prefix(Derivation.PUBLIC, KdfPurpose.LABEL) == b"holdfast/1/prf/label\0"
    assert kdf_prefix(Derivation.MAC, KdfPurpose.TOKEN) == b"holdfast/1/mac/token\0"


@pytest.mark.parametrize("stranger", ["message", SealPurpose.MESSAGE, KdfPurpose.LABEL, b"x"])
def test_the_list_of_signatures_is_closed_at_run_time_too(stranger: object) -> None:
    with pytest.raises(TypeError):
        sign_prefix(stranger)  # type: ignore[arg-type]


@pytest.mark.parametrize("stranger", ["page", SignPurpose.MESSAGE, KdfPurpose.PAGE])
def test_the_list_of_seals_is_closed_at_run_time_too(stranger: object) -> None:
    with pytest.raises(TypeError):
        seal_prefix(stranger)  # type: ignore[arg-type]


@pytest.mark.parametrize("stranger", ["page", SignPurpose.READ, SealPurpose.PAGE])
def test_the_list_of_derivations_is_closed_at_run_time_too(stranger: object) -> None:
    with pytest.raises(TypeError):
        kdf_prefix(Derivation.KEY, stranger)  # type: ignore[arg-type]

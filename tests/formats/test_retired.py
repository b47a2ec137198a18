"""Retire markers."""

from formats.retired import Marker


def test_comes_back_as_it_went() -> None:
    for seq in (0, 7, 2**53):
        assert Marker.decode(Marker(seq).block.data) == Marker(seq)

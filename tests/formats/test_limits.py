"""The ceilings fit into one another."""

from crypto.sealing import COMMITTED_OVERHEAD
from formats import limits
from formats.cid import MAX_BLOCK
from formats.commit import MAX_COMMIT
from formats.drop import SEALED_MESSAGE
from formats.fields import MAX_UINT
from formats.leaf import MAX_BODY, MAX_LEAF, MAX_SEGMENT_BLOCK


def test_one_number_for_one_thing() -> None:
    assert limits.BLOCK == MAX_BLOCK
    assert limits.UINT == MAX_UINT
    assert limits.SEGMENTS_PER_CHUNK == 20


def test_what_travels_in_a_frame_fits_one() -> None:
    for size in (limits.BLOCK, MAX_COMMIT, MAX_LEAF, MAX_SEGMENT_BLOCK, SEALED_MESSAGE):
        assert size < limits.FRAME


def test_a_padded_page_and_a_padded_small_file_fit_a_body() -> None:
    padme = limits.INLINE + limits.INLINE // 32
    assert padme + COMMITTED_OVERHEAD < MAX_BODY
    assert limits.PAGE + COMMITTED_OVERHEAD < MAX_BODY


def test_a_path_of_labels_ends() -> None:
    assert limits.TREE_DEPTH == -(-8 * limits.ID // 5)

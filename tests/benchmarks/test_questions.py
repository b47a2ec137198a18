"""Every operation of every door is asked about, or names nothing that could be there."""

from benchmarks.questions import Alice, questions
from protocols.operations import OPERATIONS

NAMES_NOTHING = {
    "accounts.hello",
    "courier.carry",
    "courier.known",
    "courier.show",
    "directory.find",  # of the whole network, and for who runs the node
}


def test_whatever_can_be_asked_is_asked_about_what_is_there_and_what_is_not() -> None:
    every = {f"{door}.{name}" for door, rows in OPERATIONS.items() for name in rows}
    asked = {each.name.partition(",")[0] for each in questions(Alice())}
    assert every - asked == NAMES_NOTHING
    assert asked - every == {"DHT: GET", "DHT: FIND", "DHT: PUT", "control"}

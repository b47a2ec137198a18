"""What whoever interrupts a long command is told."""

from frontends.cli.fields import Fields
from frontends.cli.output import Output
from frontends.cli.progress import Progress


def test_it_is_how_much_was_done_and_what_to_do_next() -> None:
    progress = Progress(Output(), "stored", resume="do it again")
    progress.update(Fields({"files": 1, "bytes": 1024}))
    for _ in range(2):
        progress.told()  # after the last figures
    told = progress.interrupted()
    assert told.message == "stopped; 2 files are stored, 1.0 KiB were sent"
    assert told.advice == "do it again"


def test_or_what_the_command_has_to_say_in_its_place() -> None:
    told = Progress(Output(), "looked at", "block", "stopped; it stays").interrupted()
    assert told.message == "stopped; it stays"
    assert "run the command again" in told.advice

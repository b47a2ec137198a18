"""Every command introduces itself, and its examples can be typed."""

import shlex

import pytest

from formats.errors import BadName, Usage
from frontends.cli.command import Command, make_parser, parse, remote_path
from frontends.cli.families import PARTS, all_names, families

FAMILIES = families()
COMMANDS = [command for family in FAMILIES for command in family.commands]


@pytest.fixture(params=COMMANDS, ids=lambda command: command.name)
def command(request: pytest.FixtureRequest) -> Command:
    found: Command = request.param
    return found


def test_the_table_of_names_says_what_the_files_have() -> None:
    assert [command.name for part in PARTS for command in part.load()] == all_names()


def test_only_the_command_that_is_needed_is_made() -> None:
    assert [c.name for family in families("stat") for c in family.commands] == ["stat"]


def test_it_has_one_line_of_help_and_examples(command: Command) -> None:
    assert 0 < len(command.help) <= 68
    assert not command.help.endswith(".")
    assert command.examples.strip()


def test_each_example_parses_to_the_command(command: Command) -> None:
    for example in command.examples.strip().splitlines():
        line = example.split(" | ")[-1] if " | holdfast" in example else example.split(" | ")[0]
        words = shlex.split(line.split(" > ")[0].split(" < ")[0], comments=True)
        assert words.pop(0) == "holdfast"
        assert make_parser(FAMILIES).parse_args(words).run is command.run


def test_its_help_shows_them(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        make_parser(FAMILIES).parse_args([command.name, "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert command.examples.strip().splitlines()[0] in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_it_takes_the_options_every_command_has(command: Command) -> None:
    example = shlex.split(command.examples.strip().splitlines()[0].split(" > ")[0], comments=True)
    words = example[example.index("holdfast") + 1 :]
    for line in (["--home", "/x", "--json", *words], [*words, "--home", "/x", "--json"]):
        options = make_parser(FAMILIES).parse_args(line)
        assert (options.home, options.json) == ("/x", True)


def test_an_unknown_option_is_named(command: Command) -> None:
    with pytest.raises(Usage) as caught:
        parse(make_parser(FAMILIES), [command.name, "--colour=red"])
    assert f"holdfast {command.name} --help" in caught.value.advice


def test_a_path_that_is_no_text_is_a_bad_name() -> None:
    assert remote_path("/alice/Grüße") == "/alice/Grüße"
    with pytest.raises(BadName, match=r"caf\\xe9"):
        remote_path("caf\udce9")

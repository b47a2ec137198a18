"""Every command introduces itself, and its examples can be typed."""

import shlex

import pytest

from formats.errors import BadName, Usage
from frontends.cli.command import Command, make_parser, parse, remote_path
from frontends.cli.families import PARTS, all_names, families

FAMILIES = families()
COMMANDS = dict(
    leaf for family in FAMILIES for command in family.commands for leaf in command.leaves()
)


@pytest.fixture(params=COMMANDS)
def name(request: pytest.FixtureRequest) -> str:
    """The whole name of each command, as in ``node invite new``."""
    found: str = request.param
    return found


@pytest.fixture
def command(name: str) -> Command:
    return COMMANDS[name]


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


def test_its_help_shows_them(
    name: str, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        make_parser(FAMILIES).parse_args([*name.split(), "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert command.examples.strip().splitlines()[0] in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_it_takes_the_options_every_command_has(command: Command) -> None:
    first = command.examples.strip().splitlines()[0].split(" > ")[0].split(" < ")[0]
    example = shlex.split(first, comments=True)
    words = example[example.index("holdfast") + 1 :]
    for line in (["--home", "/x", "--json", *words], [*words, "--home", "/x", "--json"]):
        options = make_parser(FAMILIES).parse_args(line)
        assert (options.home, options.json) == ("/x", True)


def test_an_unknown_option_is_named(name: str) -> None:
    with pytest.raises(Usage) as caught:
        parse(make_parser(FAMILIES), [*name.split(), "--colour=red"])
    assert f"holdfast {name} --help" in caught.value.advice


def test_a_group_lists_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_parser(FAMILIES).parse_args(["node", "--help"])
    shown = capsys.readouterr().out
    for name in COMMANDS:
        if name.startswith("node "):
            assert f"  {name.removeprefix('node ')} " in shown


def test_a_group_alone_says_where_its_help_is() -> None:
    with pytest.raises(Usage) as caught:
        parse(make_parser(FAMILIES), ["node"])
    assert caught.value.advice == "see 'holdfast node --help'"


def test_a_path_that_is_no_text_is_a_bad_name() -> None:
    assert remote_path("/alice/Grüße") == "/alice/Grüße"
    with pytest.raises(BadName, match=r"caf\\xe9"):
        remote_path("caf\udce9")

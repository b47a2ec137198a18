"""``holdfast completion``: what a shell needs to complete our commands, made from their table.

Each shell gets one list, by the command words typed so far: what may follow them. The
rest is a few lines that find out which words those are. Paths are the shell's own affair.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from frontends.cli.command import Command, make_parser
from frontends.cli.context import Context

EVERYWHERE: Final = ("--home", "--json", "--help")


class Step(NamedTuple):
    """What may follow some words: a word or an option, and its help."""

    path: str
    word: str
    help: str


def completion(context: Context, options: argparse.Namespace) -> None:
    """Print the script; the same for everybody, so nothing of this data folder is in it."""
    context.output.row(SHELLS[options.shell](list(steps())).rstrip("\n"))


def steps() -> Iterator[Step]:
    """Every step there is, in the order of the overview."""
    from frontends.cli.families import families

    found = families()
    commands = [command for family in found for command in family.commands]
    parser = make_parser(found)
    yield from _below("", commands, parser)


def _below(
    path: str, commands: list[Command] | tuple[Command, ...], parser: argparse.ArgumentParser
) -> Iterator[Step]:
    parsers = _parsers(parser)
    for command in commands:
        yield Step(path, command.name, command.help)
    for command in commands:
        inner = f"{path} {command.name}".strip()
        if command.below:
            yield from _below(inner, command.below, parsers[command.name])
        else:
            yield from _options(inner, parsers[command.name])


def _parsers(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found: Mapping[str, argparse.ArgumentParser] = action.choices
            return found
    return {}


def _options(path: str, parser: argparse.ArgumentParser) -> Iterator[Step]:
    for action in parser._actions:
        for word in action.option_strings:
            if word.startswith("--"):
                yield Step(path, word, action.help or "")
        for choice in action.choices or () if not action.option_strings else ():
            yield Step(path, str(choice), action.help or "")


def _paths(found: list[Step]) -> dict[str, list[Step]]:
    paths: dict[str, list[Step]] = {}
    for step in found:
        paths.setdefault(step.path, []).append(step)
    return paths


def _known(found: list[Step]) -> list[str]:
    """Every path that is more than none, as it is typed."""
    return [path for path in _paths(found) if path]


def bash(found: list[Step]) -> str:
    """For bash: a function, and where it counts."""
    known = "|".join(f'" {path}"' for path in _known(found))
    cases = "\n".join(
        f'        "{f" {path}" if path else ""}") words="{" ".join(s.word for s in some)}" ;;'
        for path, some in _paths(found).items()
    )
    return _BASH.format(known=known, cases=cases, everywhere=" ".join(EVERYWHERE))


def zsh(found: list[Step]) -> str:
    """For zsh: the file ``_holdfast`` of a folder in its ``fpath``."""
    known = "|".join(f'" {path}"' for path in _known(found))
    cases = "\n".join(
        f'        "{f" {path}" if path else ""}") words_=({" ".join(map(_zsh_word, some))}) ;;'
        for path, some in _paths(found).items()
    )
    return _ZSH.format(known=known, cases=cases)


def fish(found: list[Step]) -> str:
    """For fish: the file ``holdfast.fish`` of its completions."""
    known = " ".join(f"'{path}'" for path in _known(found))
    lines = [_fish_line(step, len(_leaves(found, step.path)) > 0) for step in found]
    return _FISH.format(known=known, lines="\n".join(lines))


def _leaves(found: list[Step], path: str) -> list[Step]:
    return [step for step in found if step.path == path and not step.word.startswith("-")]


def _fish_line(step: Step, no_files: bool) -> str:
    word = f"-l {step.word[2:]}" if step.word.startswith("--") else f"-a {step.word}"
    files = " -f" if no_files else ""
    return (
        f'complete -c holdfast{files} -n \'test "x"(__holdfast_path) = "x{step.path}"\' {word} '
        f"-d {_quoted(step.help)}"
    )


def _zsh_word(step: Step) -> str:
    return _quoted(f"{step.word}:{step.help}".replace("\n", " "))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "'\\''") + "'"


SHELLS: Final[Mapping[str, Callable[[list[Step]], str]]] = {"bash": bash, "zsh": zsh, "fish": fish}

_BASH: Final = """# bash completion for holdfast; made by 'holdfast completion bash'
_holdfast() {{
    local path="" word words="" fitting="" at current="${{COMP_WORDS[COMP_CWORD]}}"
    for ((at = 1; at < COMP_CWORD; at++)); do
        word="${{COMP_WORDS[at]}}"
        case "$path $word" in
        {known}) path="$path $word" ;;
        esac
    done
    case "$path" in
{cases}
    esac
    for word in $words {everywhere}; do  # options only for who began one
        [[ $word == -* && $current != -* ]] || fitting="$fitting $word"
    done
    COMPREPLY=($(compgen -W "$fitting" -- "$current"))
}}
complete -o default -F _holdfast holdfast
"""

_ZSH: Final = """#compdef holdfast
# zsh completion for holdfast; made by 'holdfast completion zsh'
_holdfast() {{
    local path_="" word at
    local -a words_
    for ((at = 2; at < CURRENT; at++)); do
        word="${{words[at]}}"
        case "$path_ $word" in
        {known}) path_="$path_ $word" ;;
        esac
    done
    case "$path_" in
{cases}
    esac
    _describe -t commands 'holdfast' words_ || _files
}}
if [ "$funcstack[1]" = _holdfast ]; then _holdfast "$@"; else compdef _holdfast holdfast; fi
"""

_FISH: Final = """# fish completion for holdfast; made by 'holdfast completion fish'
function __holdfast_path
    set -l known {known}
    set -l path ""
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim "$path $word")
        contains -- "$longer" $known; and set path "$longer"
    end
    echo $path
end
complete -c holdfast -l home -r -d 'the data folder'
complete -c holdfast -l json -d 'answer in JSON lines'
{lines}
"""


def _shell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(SHELLS), help="for which shell")


COMMANDS: Final = (
    Command(
        "completion",
        "print what a shell needs to complete these commands",
        completion,
        _shell,
        examples="holdfast completion bash > ~/.local/share/bash-completion/completions/holdfast\n"
        "holdfast completion fish > ~/.config/fish/completions/holdfast.fish",
        more="For zsh, write it to a file _holdfast in a folder of your fpath. Do it again after\n"
        "an update: it is made from the commands there are.",
    ),
)

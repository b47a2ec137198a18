"""The README's commands, as a person would type them: terminals, data folders, passwords.

A block of shell in the README has a comment above it that only a test sees:

    <!-- run: alice -->             these lines, in alice's terminal
    <!-- run: alice's node -->      a daemon, which goes on running
    <!-- run: bob; wait: shared /alice/docs -->
                                    these lines, once 'holdfast shared' shows that
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from tests.stories.processes import PATIENCE, ROOT, Late, Running, environment, holdfast, run

BLOCK: Final = re.compile(
    r"^<!-- run: (?P<who>[a-z' ]+?)(?:; wait: (?P<ask>\S+) (?P<for>\S+))? -->\n"
    r"```sh\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
ANY_BLOCK: Final = re.compile(r"^```sh$", re.MULTILINE)
PASSWORD: Final = "six plain words nobody guesses"
_PROMPT: Final = r"(?:password|again)[^\n]*: $"
_WORDS_ASKED: Final = r"Words (\d+), (\d+) and (\d+) \(Enter: later\): "


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of shell, who types them, and what has to be shown before they do."""

    who: str
    text: str
    ask: str = ""
    wanted: str = ""

    @property
    def is_daemon(self) -> bool:
        """Whether it goes on running."""
        return self.who.endswith("'s node")


def blocks(readme: str) -> list[Block]:
    """All blocks that say who types them."""
    return [
        Block(found["who"], found["text"], found["ask"] or "", found["for"] or "")
        for found in BLOCK.finditer(readme)
    ]


@dataclass
class Tour:
    """Somebody follows the README in ``folder``, which is all they have of the machine."""

    folder: Path
    nursery: trio.Nursery
    exports: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    daemons: list[Running] = field(default_factory=list)

    @property
    def clone(self) -> Path:
        """What stands for the clone."""
        return self.folder / "clone"

    @property
    def user(self) -> Path:
        """The user's home folder: ``~``."""
        return self.folder / "user"

    def prepare(self) -> None:
        """A clone after ``make setup``: documents, and the command in ``.venv/bin``."""
        shutil.copytree(ROOT / "docs", self.clone / "docs")
        shutil.copy(ROOT / "README.md", self.clone)
        self.user.mkdir()
        command = self.clone / ".venv/bin/holdfast"
        command.parent.mkdir(parents=True)
        command.symlink_to(holdfast(self.folder / "bin"))
        # ``make run`` without the setting up, which takes the network; a test holds them alike.
        (self.clone / "Makefile").write_text("run:\n\t@.venv/bin/holdfast up\n")

    def env(self) -> Mapping[str, str]:
        """The environment of a fresh terminal."""
        env = environment(self.clone / ".venv/bin/holdfast", self.user, HOME=str(self.user))
        del env["HOLDFAST_HOME"]
        plain = env["PATH"].removeprefix(f"{self.clone / '.venv/bin'}:")
        return {**env, "PATH": plain}

    async def follow(self, block: Block) -> str:
        """Type a block; returns what was shown. Raises AssertionError when a command fails."""
        if block.is_daemon:
            return await self._start(block)
        if block.ask:
            await self._shows(block)
        exports = self.exports.setdefault(block.who, [])
        script = "\n".join((*exports, block.text))
        exports += re.findall(r"^export .*$", block.text, re.MULTILINE)
        return await self._type(script)

    async def _start(self, block: Block) -> str:
        daemon = self._terminal(block.text, len(self.daemons))
        self.daemons.append(daemon)
        await daemon.start(self.nursery, terminal=True, cwd=self.clone)
        await daemon.hears(r"^Holdfast (?:is up|serves)")
        return daemon.heard

    async def _shows(self, block: Block) -> None:
        script = "\n".join((*self.exports.get(block.who, ()), f"holdfast {block.ask}"))
        with trio.move_on_after(PATIENCE):
            while True:
                shown = await run(["sh", "-ec", script], self.env(), cwd=self.clone)
                if block.wanted in shown.check().out:
                    return
        raise Late(f"'holdfast {block.ask}' never showed {block.wanted}")

    async def _type(self, script: str) -> str:
        terminal = self._terminal(script, len(self.said) + 100)
        await terminal.start(self.nursery, terminal=True, cwd=self.clone)
        with trio.CancelScope() as typing:
            self.nursery.start_soon(_answer, terminal, typing)
            code = await terminal.ended()
            typing.cancel()
        if code != 0:
            raise AssertionError(f"the README's commands ended with {code}:\n{terminal.heard}")
        self.said.append(terminal.heard)
        return terminal.heard

    def _terminal(self, script: str, number: int) -> Running:
        log = self.folder / f"terminal-{number}.log"
        return Running(["sh", "-exc", script], self.env(), log)

    async def refused(self, who: str, command: str, code: int) -> None:
        """What somebody is not allowed: the command ends with that exit code."""
        script = "\n".join((*self.exports[who], command))
        ran = await run(["sh", "-ec", script], self.env(), cwd=self.clone)
        if ran.code != code:
            raise AssertionError(f"{command} ended with {ran.code}, not {code}: {ran.out}{ran.err}")

    async def stop(self) -> None:
        """Ctrl-C in every daemon's terminal."""
        for daemon in self.daemons:
            if daemon.is_running:
                await daemon.type("\x03")
                await daemon.ended()


async def _answer(terminal: Running, typing: trio.CancelScope) -> None:
    """Type the password as often as it is asked for, and words of a kit that stands above."""
    given = checked = 0
    while not typing.cancel_called and terminal.is_running:
        heard = terminal.heard.replace("\r", "")
        asked = len(re.findall(_PROMPT, heard, re.MULTILINE | re.I))
        which = re.findall(_WORDS_ASKED, heard)
        if asked > given:
            given = asked
            await terminal.type(f"{PASSWORD}\n")
        elif len(which) > checked:
            checked = len(which)
            await terminal.type(f"{_words(heard, which[-1])}\n")
        await terminal.more()


def _words(heard: str, which: Sequence[str]) -> str:
    """Those words of the newest kit on the screen."""
    shown = dict(re.findall(r"^ +(\d+)  (\w+)$", heard, re.MULTILINE))
    return " ".join(shown[each] for each in which)

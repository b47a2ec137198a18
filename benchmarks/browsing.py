"""What the owner's page takes in a real browser: its first load, and folders of many names.

    python -m benchmarks.browsing                  # 1,000 and 100,000 names, five rounds
    python -m benchmarks.browsing --names 10000 --rounds 3

A daemon in a process of its own and the system's Chromium without a window, with a fresh profile
for every first load. Beside it stands a page of one line from a bare server in the same browser:
what opening anything takes. Times are the browser's own, from asking until it is on the screen.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page

from benchmarks import machine
from benchmarks.measuring import cpu_of
from tests.browser.chromium import opened, running
from tests.browser.elsewhere import Elsewhere, elsewhere
from tests.browser.people import PASSWORD
from tests.daemons.processes import Home

FEW: Final = 1000
PATIENCE: Final = 600_000
"""Milliseconds for what is measured here, on a machine that does something else besides."""

USABLE: Final = "main .state, main [role=option]"
"""What a person waits for: the folder, or that it is empty."""

WATCHED: Final = f"""(() => {{
  const look = () => {{
    if (!document.querySelector("{USABLE}")) requestAnimationFrame(look);
    else performance.mark("usable");
  }};
  requestAnimationFrame(look);
}})()"""
"""Looked for at every frame: playwright itself looks ever more seldom, up to half a second late."""

LOADED: Final = """() => {
  const seen = (what) => performance.getEntriesByName(what)[0]?.startTime ?? NaN;
  const all = performance.getEntriesByType("resource");
  const first = performance.getEntriesByType("navigation")[0];
  const sum = (key) => [first, ...all].reduce((total, each) => total + each[key], 0);
  return {
    painted: seen("first-contentful-paint"), usable: seen("usable"), requests: all.length + 1,
    sent: sum("transferSize"), whole: sum("decodedBodySize"),
  };
}"""

OPEN: Final = """async ([folder, count]) => {
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  const begun = performance.now();
  location.hash = `#/files/alice/${folder}`;
  const list = () => document.querySelector(`.entries[aria-label="In ${folder}"]`);
  const of = () => Number(list()?.querySelector("[role=option]")?.getAttribute("aria-setsize"));
  while (!of()) await frame();
  const first = performance.now() - begun;
  while (of() < count) await frame();
  return [first, performance.now() - begun];
}"""

SCROLL: Final = """async (steps) => {
  const list = document.querySelector(".entries");
  const end = list.scrollHeight - list.clientHeight;
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step <= steps; step += 1) {
    list.scrollTop = (end * step) / steps;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  const rows = [...list.querySelectorAll("[role=option]")];
  const ends = rows.some((each) => each.ariaPosInSet === each.ariaSetSize);
  if (!ends) throw new Error("the end is not shown");
  return frames;
}"""
STEPS: Final = 200


def first_loads(browser: Browser, home: Home, other: Elsewhere, rounds: int) -> None:
    """From a link to the folder, with nothing kept from before; beside a page of one line."""
    bare = list[float]()
    taken, again = list[dict[str, float]](), list[dict[str, float]]()
    for _ in range(rounds):
        with opened(browser) as tab:
            tab.page.goto(f"http://127.0.0.1:{other.port}/")
            bare.append(tab.page.evaluate("performance.now()"))
        with opened(browser) as tab:
            tab.page.add_init_script(WATCHED)
            tab.page.goto(home.run("web").ok().out.strip(), wait_until="commit")
            tab.page.wait_for_selector(USABLE)
            taken.append(tab.page.evaluate(LOADED))
            again.append(reloaded(tab.page))
    line = median(bare)
    usable = median(each["usable"] for each in taken)
    some = taken[0]
    print(f"{'a page of one line':<28} {line:6.0f} ms")
    print(
        f"{'the first load':<28} {usable:6.0f} ms, {usable / line:.1f} times that;"
        f" first seen after {median(each['painted'] for each in taken):.0f} ms"
    )
    print(
        f"{'':<28} {some['requests']:.0f} requests, {some['sent'] / 1000:.0f} kB sent,"
        f" {some['whole'] / 1000:.0f} kB of files"
    )
    later = median(each["usable"] for each in again)
    print(f"{'loaded again':<28} {later:6.0f} ms, {again[0]['sent'] / 1000:.0f} kB sent")


def reloaded(page: Page) -> dict[str, float]:
    """The same page in the same browser once more."""
    page.reload(wait_until="commit")
    page.wait_for_selector(USABLE)
    found: dict[str, float] = page.evaluate(LOADED)
    return found


def folders(browser: Browser, home: Home, pid: int, sizes: Iterable[int], rounds: int) -> None:
    """Folders of many names: opened, and scrolled from one end to the other."""
    for size in sizes:
        firsts, wholes, frames, spent = list[float](), list[float](), list[float](), list[float]()
        for _ in range(rounds):
            with opened(browser) as tab:
                page = tab.page
                page.set_default_timeout(PATIENCE)
                page.goto(home.run("web").ok().out.strip())
                page.wait_for_selector("main [role=option]")
                cpu = cpu_of(pid)
                first, whole = page.evaluate(OPEN, [f"n{size}", size])
                spent.append((cpu_of(pid) - cpu) * 1000)
                firsts.append(first)
                wholes.append(whole)
                frames += page.evaluate(SCROLL, STEPS)
        late = sorted(frames)
        print(
            f"{f'{size:,} names':<28} first rows {median(firsts):6.0f} ms,"
            f" all {median(wholes):6.0f} ms"
            f" (daemon's CPU {median(spent):.0f} ms)"
        )
        print(
            f"{'scrolled through':<28} a frame {median(late):.1f} ms,"
            f" p99 {late[round(0.99 * (len(late) - 1))]:.1f}, longest {late[-1]:.1f} ms"
        )


def planted(home: Home, folder: Path, size: int) -> None:
    """A folder of so many files, put from the disk."""
    many = folder / f"n{size}"
    many.mkdir()
    for number in range(size):
        (many / f"name of a file {number:06}.txt").touch()
    home.run("put", str(many)).ok()


def main(words: Sequence[str]) -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(words)
    sizes = (FEW, asked.names)
    with TemporaryDirectory(prefix="holdfast-browsing-") as name, running() as browser:
        folder = Path(name)
        print(machine.line(folder))
        home = Home(folder / "home")
        with home.daemon() as daemon, elsewhere() as other:
            home.run("signup", "alice", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
            first_loads(browser, home, other, asked.rounds)
            for size in sizes:
                planted(home, folder, size)
            folders(browser, home, daemon.pid, sizes, asked.rounds)


if __name__ == "__main__":
    main(sys.argv[1:])

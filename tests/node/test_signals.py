"""Signals: who listens is woken, and nothing stays behind."""

import trio
import trio.testing

from node.signals import Signals


async def test_everybody_who_listens_to_a_key_is_woken(autojump_clock: object) -> None:
    signals, woken = Signals(), []

    async def wait(key: str) -> None:
        with signals.listening(key) as changed, trio.move_on_after(1):
            await changed.wait()
            woken.append(key)

    async with trio.open_nursery() as nursery:
        for key in ("a", "a", "b"):
            nursery.start_soon(wait, key)
        await trio.testing.wait_all_tasks_blocked()
        assert len(signals) == 2
        signals.fire("a")
        signals.fire("nobody")
    assert woken == ["a", "a"]
    assert len(signals) == 0


async def test_everybody_is_woken_when_anything_may_have_changed() -> None:
    signals = Signals()
    with signals.listening("a") as one, signals.listening("b") as other:
        signals.fire_all()
        assert one.is_set()
        assert other.is_set()
    assert len(signals) == 0

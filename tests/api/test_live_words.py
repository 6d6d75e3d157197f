"""The words of a talk: to the screen of who talks, to a page that he loads anew, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.api.feed_hub import FeedHub, Subscription
from app.api.feed_messages import Message
from app.api.kept_words import MOST_LINES, KeptWords
from app.live_words import SpokenText
from app.views.viewer import Viewer
from people.domain.role import Role
from tests.api.test_seat_calls import talks
from tests.api.world import ONE_DATABASE, World
from ticketing.domain.seat_call import WrapUpCode


def spoken(text: str, *, person_id: str = "ann", side: str = "citizen", is_final: bool = True) -> SpokenText:
    return SpokenText("call1", person_id, side, text, is_final)


@asynccontextmanager
async def running(hub: FeedHub) -> AsyncIterator[None]:
    task = asyncio.create_task(hub.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def first(subscription: Subscription, kind: str) -> Message:
    async with asyncio.timeout(10):
        while (message := await subscription.next())["kind"] != kind:
            pass
        return message


@ONE_DATABASE
async def test_a_page_loaded_anew_has_the_words_again_as_long_as_the_call_is_its_persons(world: World) -> None:
    kept = KeptWords()
    hub = FeedHub(world.services.db, world.services.nudges, kept)
    ann, boss = Viewer(world.ids["ann"], Role.AGENT), Viewer(world.ids["boss"], Role.SUPERVISOR)
    async with running(hub):
        page = hub.join(ann)
        await asyncio.to_thread(talks, world, "ann")
        await first(page, "seat_call.changed")
        for text, is_final in (("路灯", False), ("路灯坏了", True), ("很黑", False)):
            hub.tell_words(spoken(text, person_id=ann.person_id, is_final=is_final))
        so_far = await hub.join(ann).next()
        assert (so_far["kind"], so_far["call_id"]) == ("talk.so_far", "call1")
        assert so_far["lines"] == [
            {"side": "citizen", "text": "路灯坏了", "is_final": True},
            {"side": "citizen", "text": "很黑", "is_final": False},
        ]
        other = hub.join(boss)
        hub.tell_words(spoken("谢谢", person_id=boss.person_id))
        assert (await other.next())["text"] == "谢谢"  # the first thing he hears: nothing of ann's talk came before
        await asyncio.to_thread(world.services.seat_calls.end_talk, "call1")
        await asyncio.to_thread(
            world.services.seat_calls.wrap_up, "call1", world.ids["ann"], WrapUpCode.ANSWERED, "note"
        )
        async with asyncio.timeout(10):
            while kept.so_far(ann.person_id) is not None:
                await first(page, "seat_call.changed")
        again = hub.join(ann)
        hub.tell_words(spoken("喂", person_id=ann.person_id))
        assert (await again.next())["kind"] == "talk.words"


def test_what_is_kept_is_what_the_screen_shows() -> None:
    kept = KeptWords()
    for said in (
        spoken("人", is_final=False),
        spoken("您好", side="agent", is_final=False),
        spoken("人民路", is_final=False),
        spoken("您好", side="agent"),
        spoken("人民路"),
        spoken("路灯"),
    ):
        kept.keep(said)
    talk = kept.so_far("ann")
    assert talk is not None
    assert [(line.side, line.text) for line in talk.lines] == [
        ("citizen", "人民路"),
        ("agent", "您好"),
        ("citizen", "路灯"),
    ]
    for number in range(MOST_LINES):
        kept.keep(spoken(str(number)))
    assert (len(talk.lines), talk.lines[0].text) == (MOST_LINES, "0")


def test_the_next_talk_of_a_person_replaces_the_one_before() -> None:
    kept = KeptWords()
    kept.keep(spoken("第一通"))
    kept.keep(SpokenText("call2", "ann", "citizen", "第二通", is_final=True))
    kept.forget("ann", "call1")  # too late: it is another talk by now
    talk = kept.so_far("ann")
    assert talk is not None
    assert [line.text for line in talk.lines] == ["第二通"]

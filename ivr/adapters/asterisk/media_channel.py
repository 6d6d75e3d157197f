"""A channel of Asterisk whose other end is a stream of ours."""

import asyncio
from collections.abc import Callable

from ivr.adapters.asterisk.ari_client import AriRefused
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.stack import OUR_MEDIA, AsteriskStack
from kit.ids import new_id


async def open_media_channel(stack: AsteriskStack, stream: AsteriskStream, on_gone: Callable[[str], None]) -> str:
    """The id of a media channel that is up, in our application, and connected to `stream`.

    Raises AriAway, AriRefused or TimeoutError; nothing is left then. `on_gone` is told its id when it ends later.
    """
    media_id = new_id()
    channel = OUR_MEDIA + media_id
    entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_event(event: Facts) -> None:
        match event.text("type"):
            case "StasisStart" if not entered.done():
                entered.set_result(None)
            case "StasisEnd" | "ChannelDestroyed":
                if entered.done():
                    on_gone(channel)
                else:
                    entered.set_exception(AriRefused(503, "media channel destroyed"))

    stack.listen(channel, on_event)
    connected = stack.media.expect(media_id, stream)
    try:
        async with asyncio.timeout(stack.config.media_within_s):
            await stack.ari.request(
                "POST", "channels/externalMedia", app=stack.config.app, channelId=channel,
                external_host=stack.config.media_client, transport="websocket", encapsulation="none",
                format="alaw", transport_data=f"v(media_id={media_id})",
            )  # fmt: skip
            await asyncio.gather(entered, connected)
    except BaseException:
        stack.unlisten(channel)
        stack.remove("channels", channel)
        entered.cancel()
        raise
    finally:
        stack.media.forget(media_id)
    return channel

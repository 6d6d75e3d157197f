"""Which calls exist: those that live and count against the limit, and those that only wait for an ACK."""

from ivr.adapters.embedded_sip.call import SipCall


class CallTable:
    """Dialogues by Call-ID and our tag. A reservation keeps a place for a call that is being set up."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._dialogs: dict[tuple[str, str], SipCall] = {}
        self._origins: dict[tuple[str, str], SipCall] = {}
        self._live: dict[SipCall, None] = {}
        self._reserved = 0

    @property
    def live(self) -> tuple[SipCall, ...]:
        return tuple(self._live)

    @property
    def is_full(self) -> bool:
        return len(self._live) + self._reserved >= self._limit

    def reserve(self) -> None:
        self._reserved += 1

    def release(self) -> None:
        self._reserved -= 1

    def find(self, sip_call_id: str, our_tag: str) -> SipCall | None:
        return self._dialogs.get((sip_call_id, our_tag))

    def has_origin(self, sip_call_id: str, their_tag: str) -> bool:
        """A request without our tag that belongs to a known dialogue came to us on a second way."""
        return (sip_call_id, their_tag) in self._origins

    def add(self, call: SipCall) -> None:
        dialog = call.dialog
        self._dialogs[dialog.call_id, dialog.local_tag] = call
        self._origins[dialog.call_id, dialog.remote_tag] = call
        self._live[call] = None
        call.on_ended = self._ended

    def _forget(self, call: SipCall) -> None:
        dialog = call.dialog
        self._dialogs.pop((dialog.call_id, dialog.local_tag), None)
        self._origins.pop((dialog.call_id, dialog.remote_tag), None)

    def _ended(self, call: SipCall) -> None:
        self._live.pop(call, None)
        if call.is_settled:
            self._forget(call)

    def forget_settled(self) -> None:
        """Drop ended calls whose late ACK came, or never will; called from the line's watch."""
        for call in [call for call in self._dialogs.values() if call.is_settled]:
            self._forget(call)

    def __len__(self) -> int:
        return len(self._dialogs)

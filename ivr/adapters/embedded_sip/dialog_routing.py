"""Where requests inside a dialogue go (RFC 3261 §12.2.1.1): Contact and Record-Route, which aiosipua leaves out."""

from aiosipua.dialog import Dialog
from aiosipua.headers import SipUri, parse_address, parse_uri, stringify_uri

from ivr.adapters.embedded_sip.messages import Flow, Response
from ivr.adapters.embedded_sip.peers import is_address


def flow_of_uri(uri: SipUri, fallback: Flow) -> Flow:
    """The way to a URI; a name instead of an address is not looked up in mid-call: the known way is kept."""
    wants_tcp = (uri.params.get("transport") or "").lower() == "tcp"
    if not is_address(uri.host):
        return fallback
    return Flow("TCP" if wants_tcp else "UDP", uri.host, uri.port or 5060)


def next_hop(dialog: Dialog, seen: Flow) -> Flow:
    """The first route or the remote target. `seen` is where the other side's messages come from."""
    if seen.is_reliable:
        return seen  # the connection the dialogue was made on; the socket opens a new one if it is gone
    if dialog.route_set:
        return flow_of_uri(parse_address(dialog.route_set[0]).uri, seen)
    if not dialog.remote_target:
        return seen
    return flow_of_uri(parse_uri(dialog.remote_target), seen)


def establish(dialog: Dialog, answer: Response) -> None:
    """Complete our own dialogue from the 2xx (RFC 3261 §12.1.2)."""
    dialog.remote_tag = answer.to_tag
    contacts = answer.message.contact
    if contacts:
        dialog.remote_target = stringify_uri(contacts[0].uri)
    dialog.route_set = list(reversed(answer.message.headers.get("record-route")))
    dialog.confirm()

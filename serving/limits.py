"""The largest body that a request may have."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import problem_response

LARGEST_BODY = 1 << 20
"""In bytes: a thousand account ids, or a long playbook, fit many times."""


class BodyLimit:
    """Refuses bodies larger than LARGEST_BODY before anything reads them.

    Parameters
    ----------
    app : what answers smaller ones.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            message = f"body: it is larger than {LARGEST_BODY:,} bytes; send less at once"
            await problem_response(413, "too_large", message, "body")(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)


async def _read(receive: Receive) -> list[Message] | None:
    """Read a whole body; None if it is too large."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Return a receiver that gives the messages read so far, and then what comes after them."""
    left = iter(messages)

    async def replay() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return replay

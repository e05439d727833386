"""A browser driven over the DevTools protocol: pages opened, functions called in them, and what they say of themselves.

https://chromedevtools.github.io/devtools-protocol/: one WebSocket for all pages ("flattened" sessions). A thread reads.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.program import ProgramFailed
from tests.lab.network import Host

Said = Callable[[str], None]
_BINDING = "tell"
"""What a page calls to say something."""


class Page:
    """A tab."""

    def __init__(self, tools: DevTools, session: str) -> None:
        """Speak for an attached session."""
        self._tools = tools
        self._session = session

    def call(self, function: str, *arguments: object, seconds: float = 20.0) -> Any:
        """Call a function of the page, wait for its promise, return its value.

        Raises:
            ProgramFailed: it threw, or did not answer in time.
        """
        expression = f"{function}({', '.join(json.dumps(one) for one in arguments)})"
        answer = self._tools.command(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True},
            session=self._session,
            seconds=seconds,
        )
        if (thrown := answer.get("exceptionDetails")) is not None:
            what = thrown.get("exception", {}).get("description") or thrown["text"]
            raise ProgramFailed(f"{function} in the page: {what}")
        return answer["result"].get("value")


class DevTools:
    """The connection to a browser.

    Args:
        host: on which the browser runs.
        port: where it listens on 127.0.0.1.
        path: of its WebSocket.
    """

    def __init__(self, host: Host, port: int, path: str) -> None:
        # Sockets belong to the network of the thread that opens them.
        with host.entered():
            self._socket = connect(f"ws://127.0.0.1:{port}{path}", max_size=None, compression=None)
        self._numbers = count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._listeners: dict[str, Said] = {}
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, name="devtools", daemon=True)
        self._reader.start()

    def open(self, address: str, listener: Said) -> Page:
        """Open a page and wait until it has loaded.

        Args:
            address: of the page.
            listener: called, on the reading thread, with every text that the page gives to `tell`.
        """
        target = self.command("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.command("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self._listeners[session] = listener
        self.command("Runtime.enable", {}, session=session)
        self.command("Runtime.addBinding", {"name": _BINDING}, session=session)
        self.command("Page.enable", {}, session=session)
        self.command("Page.navigate", {"url": address}, session=session)
        page = Page(self, session)
        deadline = time.monotonic() + 10
        while not page.call("(() => document.readyState === 'complete' && location.protocol !== 'about:')"):
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{address} does not load")
            time.sleep(0.02)
        return page

    def command(
        self, method: str, parameters: dict[str, Any], *, session: str | None = None, seconds: float = 20.0
    ) -> dict[str, Any]:
        """Give a command and wait for its result.

        Raises:
            ProgramFailed: it was refused or not answered in time.
        """
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        try:
            self._socket.send(json.dumps(message))
        except ConnectionClosed as error:
            raise ProgramFailed("the browser has gone") from error
        with self._news:
            if not self._news.wait_for(lambda: number in self._answers or self._over, seconds):
                raise ProgramFailed(f"the browser does not answer {method}")
            answer = self._answers.pop(number, {"error": {"message": "the browser has gone"}})
        if "error" in answer:
            raise ProgramFailed(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def close(self) -> None:
        """Let go of the browser."""
        self._socket.close()
        self._reader.join(2)

    def _read(self) -> None:
        try:
            for text in self._socket:
                message = json.loads(text)
                if "id" in message:
                    with self._news:
                        self._answers[message["id"]] = message
                        self._news.notify_all()
                elif message["method"] == "Runtime.bindingCalled":
                    if (listener := self._listeners.get(message["sessionId"])) is not None:
                        listener(message["params"]["payload"])
        except ConnectionClosed:
            pass
        finally:
            with self._news:
                self._over = True
                self._news.notify_all()

"""Listens to a Chromium from outside: every request and every complaint of pages and workers."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import websocket

COMPLAINTS = {"error", "warning", "assert"}


@dataclass
class Request:
    """One request as Chromium made it. size: bytes over the wire, with headers."""

    url: str
    kind: str
    target: str
    status: int = 0
    size: int = 0
    cached: bool = False
    over: bool = False


@dataclass
class Devtools:
    """One connection to the browser, attached to each page and worker before its first line runs."""

    address: str
    requests: dict[tuple[str, str], Request] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with urllib.request.urlopen(f"http://{self.address}/json/version", timeout=10) as answer:
            url = json.load(answer)["webSocketDebuggerUrl"]
        self._ws = websocket.create_connection(url, timeout=60, suppress_origin=True)
        self._numbers, self._lock = itertools.count(1), threading.Lock()
        self._answers: dict[int, dict[str, Any]] = {}
        self._answered = threading.Condition()
        self._kinds: dict[str, str] = {}
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.ask("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)

    def close(self) -> None:
        """Stop listening."""
        self._open = False
        with contextlib.suppress(Exception):
            self._ws.close(timeout=1)
        self._thread.join(5)

    def _send(self, method: str, session: str = "", **params: Any) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        with self._lock:
            self._ws.send(json.dumps(message | ({"sessionId": session} if session else {})))
        return number

    def ask(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        number = self._send(method, session, **params)
        with self._answered:
            if not self._answered.wait_for(lambda: number in self._answers, 30):
                raise AssertionError(f"Chromium does not answer {method}")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _listen(self) -> None:
        while self._open:
            try:
                message = json.loads(self._ws.recv() or "{}")
            except websocket.WebSocketTimeoutException:
                continue
            except (websocket.WebSocketException, OSError, ValueError):
                return
            if "id" in message:
                with self._answered:
                    self._answers[message["id"]] = message
                    self._answered.notify_all()
            elif "method" in message:
                self._event(message["method"], message["params"], message.get("sessionId", ""))

    def _event(self, method: str, p: dict[str, Any], session: str) -> None:
        if method == "Target.attachedToTarget":
            self._attached(p["sessionId"], p["targetInfo"]["type"])
        elif method.startswith("Network."):
            self._network(method, p, session)
        elif method == "Runtime.consoleAPICalled" and p["type"] in COMPLAINTS:
            self.complaints.append(f"{p['type']}: {[a.get('value') for a in p['args']]}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(f"exception: {json.dumps(p['exceptionDetails'])[:400]}")
        elif method == "Log.entryAdded" and p["entry"]["level"] in COMPLAINTS:
            entry = p["entry"]
            self.complaints.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}")

    def _attached(self, session: str, kind: str) -> None:
        self._kinds[session] = kind
        if kind == "page":
            self.pages.append(session)
            self._send(
                "Target.setAutoAttach", session,
                autoAttach=True, waitForDebuggerOnStart=True, flatten=True,
            )  # fmt: skip
        for domain in ("Network", "Runtime", "Log"):
            self._send(f"{domain}.enable", session)
        self._send("Runtime.runIfWaitingForDebugger", session)

    def _network(self, method: str, p: dict[str, Any], session: str) -> None:
        key = (session, p.get("requestId", ""))
        if method == "Network.requestWillBeSent":
            self.requests[key] = Request(
                p["request"]["url"], p.get("type", ""), self._kinds.get(session, "")
            )
            return
        request = self.requests.get(key)
        if request is None:
            return
        if method == "Network.responseReceived":
            request.status = p["response"]["status"]
            request.cached = bool(p["response"].get("fromDiskCache"))
            request.size = max(request.size, int(p["response"].get("encodedDataLength", 0)))
        elif method == "Network.requestServedFromCache":
            request.cached = True
        elif method == "Network.dataReceived":
            request.size += int(p["encodedDataLength"])
        elif method == "Network.loadingFinished":
            request.size, request.over = int(p["encodedDataLength"]), True
        elif method == "Network.loadingFailed":
            request.over = True

    @property
    def urls(self) -> list[str]:
        """Every address that was asked for, by whom ever."""
        return [r.url for r in list(self.requests.values())]

    def forget(self) -> None:
        """Forget what was heard until now."""
        self.requests.clear()
        self.complaints.clear()

"""Those who read while comments come: a site its feed, and moderators the desk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from bench.load import CLOSED, Answer, Wire, bearer

ANSWERED_WITHIN_S = 120.0
LOG_IN_HEADERS = {"Sec_Fetch_Site": "same-origin"}
VERSION = re.compile(r'name="version" value="(\d+)"')
OPEN_COMMENT = re.compile(r"/desk/review/([0-9a-f-]{36})")


@dataclass
class FeedReader:
    """Reads the feed as a site does, with a cursor and long polling."""

    port: int
    key: str
    last: int = 0
    gaps: int = 0

    async def read_until(self, is_over: Callable[[], bool]) -> None:
        wire = Wire(self.port, bearer(self.key))
        while not is_over():
            try:
                await self.read_page(wire, wait_s=2)
            except CLOSED:
                wire.close()
                await asyncio.sleep(0.2)
        wire.close()

    async def read_to_end(self, wire: Wire) -> None:
        """Asks again where the service was too busy to answer: that is no end. Raises TimeoutError."""
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            while await self.read_page(wire) != 0:
                pass
        wire.close()

    async def read_page(self, wire: Wire, *, wait_s: int = 0) -> int | None:
        """How many events came; None if the service did not answer."""
        answer = await wire.call("GET", f"/v1/events?after={self.last}&limit=500&wait={wait_s}")
        if answer.status != 200:
            await asyncio.sleep(0.2)
            return None
        sequences = [event["sequence"] for event in answer.json()["events"]]
        self.gaps += sum(b != a + 1 for a, b in zip([self.last, *sequences], sequences, strict=False))
        self.last = sequences[-1] if sequences else self.last
        return len(sequences)


@dataclass
class Desk:
    """A moderator in a browser without JavaScript: reads the next comment, decides, and is shown the one after it."""

    port: int
    email: str
    password: str
    pause_s: float
    decided: int = 0
    refused: int = 0

    async def work_until(self, is_over: Callable[[], bool]) -> None:
        wire = Wire(self.port)
        wire.headers |= {"Cookie": await self._log_in(wire)}
        while not is_over():
            try:
                await self._decide_next(wire)
            except CLOSED:
                wire.close()
            await asyncio.sleep(self.pause_s)
        wire.close()

    async def _log_in(self, wire: Wire) -> str:
        form = {"email": self.email, "password": self.password}
        answer = await wire.call("POST", "/desk/login", form=form, **LOG_IN_HEADERS)
        cookie = answer.fields.get("set-cookie", "").partition(";")[0]
        if not cookie:
            raise ValueError(f"the desk lets nobody in: {answer.status}")
        return cookie

    async def _decide_next(self, wire: Wire) -> None:
        answer, place = await self._follow(wire, await wire.call("GET", "/desk/review"), "/desk/review")
        comment, version = OPEN_COMMENT.search(place), VERSION.search(answer.text)
        if comment is None or version is None:
            return  # nothing to decide
        choice = "approve" if self.decided % 3 else "reject:Off topic"
        form = {"choice": choice, "version": version[1], "view": ""}
        path = f"/desk/comments/{comment[1]}/decisions"
        answer, _ = await self._follow(wire, await wire.call("POST", path, form=form, **LOG_IN_HEADERS), path)
        if answer.status == 200:
            self.decided += 1
        else:
            self.refused += 1

    async def _follow(self, wire: Wire, answer: Answer, place: str) -> tuple[Answer, str]:
        while answer.status in (302, 303):
            place = answer.fields["location"]
            answer = await wire.call("GET", place)
        return answer, place

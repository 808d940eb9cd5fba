"""The calls that a news site needs: send a comment, list the published ones, ask for one comment's status, and
whether a reader may comment."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import HTTPError


class Away(Exception):
    """Gavel does not answer, or asks us to come back later."""


class Refused(Exception):
    """Gavel will not take this. The message is for the person who wrote it."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("reader_text") or problem["detail"])
        self.status = int(problem["status"])


class Silenced(Refused):
    """The reader may not comment for now, or no longer. The message is for them."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem)
        message = problem["author"]["message"]
        self.message = message["text"] if message else ""


class Gavel:
    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url.rstrip("/"), key
        self.http = urllib3.PoolManager(maxsize=8, timeout=urllib3.Timeout(connect=1.0, read=6.0), retries=False)

    def submit(self, comment: dict[str, Any]) -> dict[str, Any]:
        """Waits up to three seconds for the decision, so that most readers see it at once."""
        return self.call("POST", "/v1/comments", json=comment, headers={"Prefer": "wait=3", "Accept-Language": "en"})

    def published(self, article_id: str) -> list[dict[str, Any]]:
        """Oldest first."""
        comments: list[dict[str, Any]] = []
        query = {"status": "published", "limit": "200"}
        while True:
            page = self.call("GET", f"/v1/articles/{quote(article_id, safe='')}/comments?{urlencode(query)}")
            comments += page["comments"]
            if page["next"] is None:
                return comments
            query["after"] = page["next"]

    def comment(self, comment_id: str) -> dict[str, Any]:
        return self.call("GET", f"/v1/comments/{quote(comment_id, safe='')}")

    def silenced(self, reader_id: str) -> str | None:
        """The message for a reader who may not comment; None for all others, and for those whom Gavel does not know."""
        try:
            author = self.call("GET", f"/v1/authors/{quote(reader_id, safe='')}?limit=1")["author"]
        except Refused:
            return None
        message = author["mark"]["message"]
        return None if author["may_comment"] else message["text"] if message else ""

    def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, json: Any = None
    ) -> dict[str, Any]:
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        try:
            response = self.http.request(method, self.url + path, headers=sent, json=json)
            answer: dict[str, Any] = response.json()
        except (HTTPError, ValueError) as e:
            raise Away(str(e)) from e
        if answer.get("type") == "urn:gavel:problem:author-suspended":
            raise Silenced(answer)
        if answer.get("type") == "urn:gavel:problem:author-rate-limited":
            raise Refused(answer)
        if response.status >= 500 or response.status in (401, 403, 429):
            raise Away(f"{response.status}: {answer.get('detail')}")
        if response.status >= 400:
            raise Refused(answer)
        return answer

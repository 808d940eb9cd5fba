"""A model's server on loopback that answers as it is told, and answers in the form of each contract."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Mapping[str, str], bytes]
MODEL = "tiny-1"


class ModelServer:
    """Keeps what it was sent. ``answers`` makes an answer of a request's body."""

    def __init__(self, answers: Callable[[dict[str, Any]], Answer]) -> None:
        server = self
        self.answers = answers
        self.got: list[tuple[str, dict[str, str], dict[str, Any]]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                status, headers, answer = server.answers(body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(answer)
                except OSError:  # the client has read enough
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _path, _headers, body in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def as_json(form: Any, status: int = 200, **headers: str) -> Answer:
    return status, headers, json.dumps(form).encode()


def chat(content: Any, *, model: str = MODEL, logprobs: Any = None, **message: Any) -> dict[str, Any]:
    choice = {"message": {"role": "assistant", "content": content, **message}, "finish_reason": "stop"}
    if logprobs is not None:
        choice["logprobs"] = logprobs
    return {"model": model, "choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}


def token(word: str, odds: Mapping[str, float]) -> dict[str, Any]:
    return {
        "token": word,
        "logprob": -0.1,
        "top_logprobs": [{"token": t, "logprob": math.log(p)} for t, p in odds.items()],
    }


def one_token(word: str, odds: Mapping[str, float], **form: Any) -> dict[str, Any]:
    answer = chat(word, logprobs={"content": [token(word, odds)]}, **form)
    answer["choices"][0]["finish_reason"] = "length"
    return answer


def completion(word: str, odds: Mapping[str, float], model: str = MODEL) -> dict[str, Any]:
    logs = {"tokens": [word], "top_logprobs": [{t: math.log(p) for t, p in odds.items()}]}
    choice = {"text": word, "finish_reason": "length", "logprobs": logs}
    return {"model": model, "choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 1}}


def verdict(*, breaks: bool) -> str:
    quote, rule = ("pathetic", "insults") if breaks else ("", "none")
    return json.dumps({"quote": quote, "rule": rule, "breaks": breaks})


def ollama(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
    message = {"role": "assistant", "content": verdict(breaks=breaks), "thinking": "…"}
    return {"model": model, "message": message, "done": True, "done_reason": "stop", "prompt_eval_count": 90}


def responses(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
    words = {"type": "output_text", "text": verdict(breaks=breaks)}
    output = [{"type": "reasoning", "summary": []}, {"type": "message", "content": [words]}]
    usage = {"input_tokens": 80, "output_tokens": 20}
    return {"model": model, "status": "completed", "output": output, "usage": usage}


def granite(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
    word, odds = ("yes", {" yes": 0.8, " no": 0.2}) if breaks else ("no", {" yes": 0.1, " no": 0.9})
    logs = {"content": [token("<score>", {"<score>": 1.0}), token(f" {word}", odds)]}
    return chat(f"<think>\n</think>\n<score> {word} </score>", logprobs=logs, model=model)


def moderations(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
    scores = {"harassment": 0.97 if breaks else 0.02, "hate": 0.01}
    result = {"flagged": breaks, "categories": {"harassment": breaks, "hate": False}, "category_scores": scores}
    return {"id": "modr-1", "model": model, "results": [result]}


def mistral(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
    form = moderations(breaks=breaks, model=model)
    del form["results"][0]["flagged"]
    return form


def _one_word(form: Callable[..., dict[str, Any]], yes: str, no: str) -> Callable[..., dict[str, Any]]:
    def answer(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
        return form(yes if breaks else no, {yes: 0.9 if breaks else 0.2, no: 0.1 if breaks else 0.8}, model=model)

    return answer


def _chat_verdict(*, breaks: bool, model: str = MODEL) -> dict[str, Any]:
    return chat(verdict(breaks=breaks), model=model, reasoning_content="It may be an insult, or none.")


ANSWERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "chat": _chat_verdict,
    "vllm": _chat_verdict,
    "ollama": ollama,
    "responses": responses,
    "gpt-oss-safeguard": _chat_verdict,
    "shieldstral": _one_word(one_token, "yes", "no"),
    "cope": _one_word(completion, "1", "0"),
    "shieldgemma": _one_word(completion, "Yes", "No"),
    "granite": granite,
    "llama-guard": lambda *, breaks, model=MODEL: chat(
        "\n\nunsafe\nS1" if breaks else "\n\nsafe",
        logprobs={"content": [token("\n\n", {"\n\n": 1.0})]},
        model=model,
    ),
    "qwen3guard": lambda *, breaks, model=MODEL: chat(
        "Safety: Unsafe\nCategories: Unethical Acts" if breaks else "Safety: Safe\nCategories: None", model=model
    ),
    "openai-moderations": moderations,
    "mistral-moderations": mistral,
}

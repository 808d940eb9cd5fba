"""A server with OpenAI's chat and completions over a real model of 135 million parameters, on one thread. Its judgement
is worth nothing, which suits tests of what follows from any judgement.

python -m tests.workers.second_reader.small_model_server MODEL_FILE PORT
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from llama_cpp_py_sync import Llama

MODEL = "SmolLM2-135M-Instruct.Q4_1"
CONTEXT = 4096  # tokens
MOST_LOGPROBS = 20


class SmallModel:
    def __init__(self, path: Path) -> None:
        self.llama = Llama(str(path), n_ctx=CONTEXT, n_threads=1, n_threads_batch=1)

    def chat(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ValueError for a request that it does not know."""
        if form.get("grammar") and form.get("response_format"):
            raise ValueError("Either json_schema or grammar can be specified, but not both")
        if form.get("logprobs"):
            prompt, _images = self.llama._format_chat_prompt(form["messages"])
            return self._one_token(form, prompt, "chat")
        stats: dict[str, Any] = {}
        answer = self.llama.create_chat_completion(
            form["messages"],
            max_tokens=form["max_tokens"],
            temperature=form.get("temperature", 1),
            seed=1,
            response_format=form.get("response_format"),
            on_stats=stats.update,
        )
        words = answer["choices"][0]["message"]["content"]  # type: ignore[index]
        count = len(self.llama.tokenize(words, add_special=False))
        ended = "length" if count >= form["max_tokens"] else "stop"
        choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": ended}
        return _answer("chat.completion", choice, stats["input_tokens"], count)

    def complete(self, form: Mapping[str, Any]) -> dict[str, Any]:
        return self._one_token(form, form["prompt"], "text")

    def _one_token(self, form: Mapping[str, Any], prompt: str, kind: str) -> dict[str, Any]:
        if form["max_tokens"] != 1:
            raise ValueError("log-probabilities are given for one token only")
        tokens = self.llama.tokenize(prompt, add_special=True, parse_special=True)
        if len(tokens) >= CONTEXT:
            raise ValueError("the prompt exceeds the context")
        self.llama._clear_context_state()
        self.llama._eval_tokens(tokens, 0)
        tops = self._likely()
        word = tops[0][0]
        if kind == "text":
            logs: dict[str, Any] = {"tokens": [word], "token_logprobs": [tops[0][1]], "top_logprobs": [dict(tops)]}
            choice: dict[str, Any] = {"index": 0, "text": word, "finish_reason": "length", "logprobs": logs}
            return _answer("text_completion", choice, len(tokens), 1)
        listed = [{"token": token, "logprob": log} for token, log in tops]
        logs = {"content": [{"token": word, "logprob": tops[0][1], "top_logprobs": listed}]}
        message = {"role": "assistant", "content": word}
        choice = {"index": 0, "message": message, "finish_reason": "length", "logprobs": logs}
        return _answer("chat.completion", choice, len(tokens), 1)

    def _likely(self) -> list[tuple[str, float]]:
        """The likeliest next tokens with their log-probabilities."""
        logits = self.llama._lib.llama_get_logits_ith(self.llama._ctx, -1)
        values = [logits[number] for number in range(self.llama.n_vocab)]
        highest = max(values)
        total = highest + math.log(sum(math.exp(value - highest) for value in values))
        likely = sorted(range(len(values)), key=values.__getitem__, reverse=True)[:MOST_LOGPROBS]
        return [(self.llama.token_to_piece(number), min(0.0, values[number] - total)) for number in likely]


def _answer(kind: str, choice: Mapping[str, Any], tokens_in: int, tokens_out: int) -> dict[str, Any]:
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
    return {"id": "small", "object": kind, "model": MODEL, "choices": [choice], "usage": usage}


def serve(path: Path, port: int) -> None:
    model = SmallModel(path)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ways = {"/v1/chat/completions": model.chat, "/v1/completions": model.complete}
            try:
                form = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, answer = 200, ways[self.path](form)
            except (KeyError, ValueError) as e:
                status, answer = 400, {"error": {"message": str(e), "type": "invalid_request_error"}}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

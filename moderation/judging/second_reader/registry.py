"""All contracts by their names, and the hash that names all that is sent beside a comment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from moderation.judging.second_reader.contracts.chat import ChatContract
from moderation.judging.second_reader.contracts.cope import CopeContract
from moderation.judging.second_reader.contracts.gpt_oss_safeguard import GptOssSafeguardContract
from moderation.judging.second_reader.contracts.granite import GraniteContract
from moderation.judging.second_reader.contracts.llama_guard import LlamaGuardContract
from moderation.judging.second_reader.contracts.moderations import MISTRAL_MODERATIONS, OPENAI_MODERATIONS
from moderation.judging.second_reader.contracts.ollama import OllamaContract
from moderation.judging.second_reader.contracts.qwen3guard import Qwen3GuardContract
from moderation.judging.second_reader.contracts.responses import ResponsesContract
from moderation.judging.second_reader.contracts.shieldgemma import ShieldGemmaContract
from moderation.judging.second_reader.contracts.shieldstral import ShieldstralContract
from moderation.judging.second_reader.contracts.vllm import VllmContract
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.protocol import Contract
from moderation.judging.second_reader.values import Connection, RuleQuestion, RuleText

_ALL: tuple[Contract, ...] = (
    ChatContract(),
    OllamaContract(),
    VllmContract(),
    ResponsesContract(),
    GptOssSafeguardContract(),
    ShieldstralContract(),
    CopeContract(),
    ShieldGemmaContract(),
    GraniteContract(),
    LlamaGuardContract(),
    Qwen3GuardContract(),
    OPENAI_MODERATIONS,
    MISTRAL_MODERATIONS,
)
CONTRACTS: Mapping[str, Contract] = {contract.name: contract for contract in _ALL}


def prompt_hash(connection: Connection, rules: Sequence[RuleText]) -> str:
    """The same as long as contract, model, rules and wording are: 16 hexadecimal digits."""
    question = RuleQuestion(tuple(rules), "")
    calls = CONTRACTS[connection.contract].calls(question, connection, Fence("0"))
    sent = [connection.contract, *([call.path, call.body] for call in calls)]
    return hashlib.sha256(json.dumps(sent, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

"""All contracts by their names, and the hash that names all that is sent beside a comment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from moderation.judging.second_reader.contracts.chat import ChatContract
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.protocol import Contract
from moderation.judging.second_reader.values import Connection, RuleQuestion, RuleText

CONTRACTS: Mapping[str, Contract] = {contract.name: contract for contract in (ChatContract(),)}


def prompt_hash(connection: Connection, rules: Sequence[RuleText]) -> str:
    """The same as long as contract, model, rules and wording are: 16 hexadecimal digits."""
    question = RuleQuestion(tuple(rules), "")
    calls = CONTRACTS[connection.contract].calls(question, connection, Fence("0"))
    sent = [connection.contract, *([call.path, call.body] for call in calls)]
    return hashlib.sha256(json.dumps(sent, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

"""Google's ShieldGemma: one principle and one message in one text, and the answer Yes or No. It was trained on English,
and on what people ask of an assistant."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.judging.second_reader.contracts.one_word import OneCompletedWord
from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.values import Form, RuleQuestion, RuleText

# The model was trained with these words: https://ai.google.dev/gemma/docs/shieldgemma/model_card
_PROMPT = """You are a policy expert trying to help determine whether a user prompt is in violation of the defined safety policies.

<start_of_turn>
Human Question: {comment}
<end_of_turn>

Our safety principle is defined in the below:

* "{name}": The prompt shall not contain or seek generation of content that breaks this rule: {words}

===
Does the human question violate the above principle? Your answer must start with 'Yes' or 'No'. And then walk through step by step to be sure we answer correctly."""  # noqa: E501


@dataclass(frozen=True, slots=True)
class ShieldGemmaContract(OneCompletedWord):
    name: str = "shieldgemma"
    title: str = "ShieldGemma"
    yes: str = "yes"
    no: str = "no"

    def body(self, rule: RuleText, question: RuleQuestion, fence: Fence) -> Form:
        return {"prompt": _PROMPT.format(comment=fence.around(question.text), name=rule.name, words=rule.words)}

"""The discovery document, from which Google's own clients build their calls. It describes the calls that Gavel answers,
at the address at which it was asked. https://developers.google.com/discovery/v1/reference/apis"""

from __future__ import annotations

from typing import Any

NAME, API_VERSION = "commentanalyzer", "v1alpha1"
REVISION = "20261126"


def document(root: str) -> dict[str, Any]:
    """``root`` is the address of this service with a slash at its end."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"{NAME}:{API_VERSION}",
        "name": NAME,
        "canonicalName": "Comment Analyzer",
        "version": API_VERSION,
        "revision": REVISION,
        "title": "Perspective Comment Analyzer API",
        "description": "Scores the text of a comment, as Perspective did. Gavel answers these calls.",
        "documentationLink": root,
        "ownerName": "Gavel",
        "ownerDomain": "googleapis.com",  # clients build the names of their modules from it
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "batchPath": "batch",
        "version_module": True,
        "fullyEncodeReservedExpansion": True,
        "icons": {},
        "auth": {"oauth2": {"scopes": {_SCOPE: {"description": "A key of Gavel as a bearer token"}}}},
        "parameters": _PARAMETERS,
        "resources": {
            "comments": {"methods": {"analyze": _method("analyze"), "suggestscore": _method("suggestscore")}}
        },
        "schemas": _schemas(),
    }


def directory(root: str) -> dict[str, Any]:
    """The list of interfaces, which some clients read first to find the document."""
    address = f"{root}$discovery/rest?version={API_VERSION}"
    item = {
        "kind": "discovery#directoryItem",
        "id": f"{NAME}:{API_VERSION}",
        "name": NAME,
        "version": API_VERSION,
        "title": "Perspective Comment Analyzer API",
        "description": "Scores the text of a comment, as Perspective did.",
        "discoveryRestUrl": address,
        "documentationLink": root,
        "preferred": True,
    }
    return {"kind": "discovery#directoryList", "discoveryVersion": "v1", "items": [item]}


_SCOPE = "https://www.googleapis.com/auth/userinfo.email"


def _query(description: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"type": kind, "description": description, "location": "query", **more}


_PARAMETERS = {
    "key": _query("A key of the site in Gavel, with the scope `score`."),
    "alt": _query("The form of the answer, which is always JSON.", default="json", enum=["json"]),
    "prettyPrint": _query("Whether the answer is indented.", "boolean", default="true"),
    "fields": _query("Ignored."),
    "quotaUser": _query("Ignored."),
    "callback": _query("Ignored."),
    "access_token": _query("Ignored: send the key as a bearer token, a header or `key`."),
    "oauth_token": _query("Ignored."),
    "uploadType": _query("Ignored."),
    "upload_protocol": _query("Ignored."),
    "$.xgafv": _query("Ignored.", enum=["1", "2"]),
}


def _method(name: str) -> dict[str, Any]:
    path = f"{API_VERSION}/comments:{name}"
    kind = {"analyze": "AnalyzeComment", "suggestscore": "SuggestCommentScore"}[name]
    return {
        "id": f"{NAME}.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{kind}Request"},
        "response": {"$ref": f"{kind}Response"},
        "scopes": [_SCOPE],
        "description": {
            "analyze": "Scores a comment's text for each attribute that is asked for. The text is not stored.",
            "suggestscore": "Takes what a person thinks of a text: a decision where Gavel knows the comment.",
        }[name],
    }


_TEXT, _NUMBER, _WHOLE = (
    {"type": "string"},
    {"type": "number", "format": "float"},
    {"type": "integer", "format": "int32"},
)
_FLAG, _TEXTS = {"type": "boolean"}, {"type": "array", "items": {"type": "string"}}
_SCORE_TYPE = {
    "type": "string",
    "enum": ["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"],
}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": name}


def _map(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _ref(name)}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}


def _schemas() -> dict[str, Any]:
    shared = {
        "comment": _ref("TextEntry"), "context": _ref("Context"), "languages": _TEXTS, "clientToken": _TEXT,
        "sessionId": _TEXT, "communityId": _TEXT,
    }  # fmt: skip
    forms: dict[str, dict[str, Any]] = {
        "AnalyzeCommentRequest": {**shared, "requestedAttributes": _map("AttributeParameters"), "doNotStore": _FLAG,
                                  "spanAnnotations": _FLAG},
        "AnalyzeCommentResponse": {"attributeScores": _map("AttributeScores"), "languages": _TEXTS,
                                   "clientToken": _TEXT, "detectedLanguages": _TEXTS},
        "SuggestCommentScoreRequest": {**shared, "attributeScores": _map("AttributeScores")},
        "SuggestCommentScoreResponse": {"clientToken": _TEXT, "requestedLanguages": _TEXTS,
                                        "detectedLanguages": _TEXTS},
        "TextEntry": {"text": _TEXT,
                      "type": {**_TEXT, "enum": ["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"]}},
        "Context": {"entries": _list("TextEntry"), "articleAndParentComment": _ref("ArticleAndParentComment")},
        "ArticleAndParentComment": {"article": _ref("TextEntry"), "parentComment": _ref("TextEntry")},
        "AttributeParameters": {"scoreType": _SCORE_TYPE, "scoreThreshold": _NUMBER},
        "AttributeScores": {"summaryScore": _ref("Score"), "spanScores": _list("SpanScore")},
        "SpanScore": {"begin": _WHOLE, "end": _WHOLE, "score": _ref("Score")},
        "Score": {"value": _NUMBER, "type": _SCORE_TYPE},
    }  # fmt: skip
    return {name: {"id": name, "type": "object", "properties": fields} for name, fields in forms.items()}

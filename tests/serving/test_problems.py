"""Whatever is sent, the answer is JSON that says what was wrong; never a traceback, never a 500."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.limits import LARGEST_BODY

POSTS = ("/v1/recommendations", "/v1/scores", "/v1/feedback")
FIELDS = (
    "account_id",
    "market",
    "language",
    "k",
    "persona",
    "locale",
    "topics",
    "account_ids",
    "events",
    "business_unit",
)


def check_problem(answer):
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "where"}
    assert error["message"]
    assert "Traceback" not in answer.text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=80)
@given(path=st.sampled_from(POSTS), body=values | st.dictionaries(st.sampled_from(FIELDS), values, max_size=5))
def test_any_json_is_answered(served, path, body):
    answer = served.client.post(path, content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code in (200, 404, 422)
    if answer.status_code != 200:
        check_problem(answer)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"market": "\\ud800", "language": "de"}',
        b'{"\\ud800": 1}',
        b'{"market": "DE", "language": "de", "k": NaN}',
        b'{"market": "DE", "language": "de", "k": 1e400}',
        b'{"market": "DE", "language": "de", "account_id": "\\u0000"}',
        b'{"market": "DE", "language": "de", "account_id": 7}',
        b'{"market": "DE", "language": "de", "k": true}',
        b'{"market": "DE", "language": "de", "k": "3"}',
        b"[" * 100_000,
        b'{"market": "DE", "market": "XX", "language": "de"}',
    ],
)
def test_what_is_no_proper_body_is_refused(served, content):
    answer = served.client.post("/v1/recommendations", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    check_problem(answer)


def test_what_is_not_sent_as_json_is_told(served):
    answer = served.client.post("/v1/scores", content=b'{"account_ids": ["A001"]}')
    assert answer.status_code == 422
    assert "content-type" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/scores", 405),
        ("GET", "/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/v1/releases", 405),
    ],
)
def test_paths_and_methods_that_there_are_not(served, method, path, status):
    answer = served.client.request(method, path)
    assert answer.status_code == status
    assert path in answer.json()["error"]["message"]
    assert ("allow" in answer.headers) == (status == 405)
    check_problem(answer)


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(served, declared):
    body = b'{"account_ids": ["' + b"x" * LARGEST_BODY + b'"]}'
    answer = served.client.post("/v1/scores", content=body if declared else iter([body[:1000], body[1000:]]))
    assert answer.status_code == 413
    check_problem(answer)


def test_the_description_names_every_endpoint_with_its_errors(served):
    description = served.client.get("/v1/openapi.json").json()
    assert description["servers"] == [{"url": "/v1"}]
    assert set(description["paths"]) == {
        "/recommendations",
        "/feedback",
        "/playbooks/{asset_id}",
        "/scores",
        "/tiers",
        "/accounts/{account_id}",
        "/releases",
    }
    for path in description["paths"].values():
        for operation in path.values():
            refused = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/ProblemAnswer"}
            assert not any(parameter["name"] == "self" for parameter in operation.get("parameters", ()))


def test_the_page_of_documentation_needs_nobody_else(served):
    page = served.client.get("/", follow_redirects=True)
    assert str(page.url).endswith("/v1/docs")
    assert "http://" not in page.text
    assert "https://" not in page.text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"../static_content/{name}" in page.text
        assert served.client.get(f"/static_content/{name}").status_code == 200


def test_the_examples_are_valid(served):
    schemas = served.client.get("/v1/openapi.json").json()["components"]["schemas"]
    from serving.schemas.feedback import FeedbackBatch
    from serving.schemas.playbooks import PlaybookBody
    from serving.schemas.recommendations import RecommendationQuery
    from serving.schemas.scores import ScoresQuery

    for body in (FeedbackBatch, PlaybookBody, RecommendationQuery, ScoresQuery):
        body.model_validate_json(json.dumps(schemas[body.__name__]["example"]))

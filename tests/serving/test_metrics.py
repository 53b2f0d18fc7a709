"""Metrics are kept by route: any number of ids, and of paths that a scanner thinks up, makes no further series."""

from __future__ import annotations


def lines(served):
    answer = served.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return [line for line in answer.text.splitlines() if not line.startswith("#")]


def ask(served, ids):
    for one in ids:
        served.client.get(f"/v1/accounts/{one}")
        served.client.get(f"/v1/tiers?release={one}")
        served.client.put(f"/v1/playbooks/{one}", json={})
        served.client.get(f"/nothing/{one}")
        served.client.get(f"/v1/nothing-{one}")
        served.client.request(f"ODD{one}", "/v1/scores")


def value(served, start):
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines(served) if line.startswith(start))


def test_ids_make_no_series(served):
    ask(served, ["A001", "x"])
    few = len(lines(served))
    ask(served, [f"id{number}" for number in range(30)])
    assert len(lines(served)) == few


def test_requests_are_counted_by_route_method_and_status(served):
    start = 'glocal_requests_total{method="GET",route="/v1/accounts/{account_id:path}",status="200"}'
    before = value(served, start)
    for _ in range(3):
        served.client.get("/v1/accounts/A001")
    assert value(served, start) == before + 3
    assert value(served, 'glocal_request_duration_seconds_count{method="GET",route="/v1/accounts/') >= before + 3

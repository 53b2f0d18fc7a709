"""Metrics for Prometheus: requests by route, never by URL, so that ids make no series."""

from __future__ import annotations

import os
import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/metrics"
PROBES = ("/healthz", "/livez", "/readyz")
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
OTHER = "other"
"""Stands for every path and method that there is not, of which a scanner can think up any number."""


class RequestMetrics:
    """Counts and times requests, and answers PATH.

    BentoML's own metrics make about twenty series per distinct URL, so those are switched off in favour of these.

    Parameters
    ----------
    app : what is measured.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("glocal_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "glocal_request_duration_seconds", "Time until the answer was sent", labels[:2], registry=self._registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PATH:
            page = await run_in_threadpool(self._page)
            await Response(page, headers={"content-type": CONTENT_TYPE_LATEST})(scope, receive, send)
        else:
            await self._measured(scope, receive, send)

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        path, started = scope["path"], time.perf_counter()
        try:
            await self._app(scope, receive, noting)
        finally:
            method, route = _method(scope), _route(scope, path)
            self._requests.labels(method, route, str(status)).inc()
            self._seconds.labels(method, route).observe(time.perf_counter() - started)

    def _page(self) -> bytes:
        """Return the metrics of this process, or of all workers where there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else OTHER


def _route(scope: Scope, path: str) -> str:
    """Return the template that a request was routed by, as in ``/v1/accounts/{account_id}``."""
    if path in PROBES:
        return path
    route, prefix = scope.get("route"), scope.get("root_path", "")
    if isinstance(route, Mount):
        return str(prefix)
    return OTHER if route is None else f"{prefix}{route.path}"

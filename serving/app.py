"""The FastAPI app under /v1: its description, its page of documentation, its limits and its errors."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse

from serving.limits import BodyLimit
from serving.problems import ProblemAnswer, install

PATH = "/v1"

_DESCRIPTION = """
Which accounts deserve which attention, why, and which localised playbook to use there.

Every answer with a status of 400 or above is `{"error": {"code", "message", "where"}}`; the message says what was
wrong, the value, and what to do.
"""

_PROBLEMS = {
    400: "the body cannot be read",
    404: "nothing has this id",
    405: "the path has no such method",
    409: "something has to be done first, such as publishing a release",
    413: "the body is too large",
    422: "the request is wrong",
    503: "the service is still loading",
}


def build_app() -> FastAPI:
    """Return the app without its endpoints, which are methods of the service."""
    app = FastAPI(
        title="Glocal",
        version=version("glocal"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={status: {"model": ProblemAnswer, "description": text} for status, text in _PROBLEMS.items()},
    )
    app.add_middleware(BodyLimit)
    app.add_api_route("/docs", _docs, include_in_schema=False, response_class=HTMLResponse)
    install(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _docs() -> HTMLResponse:
    """Return the page on which the API can be read and tried; its scripts come with BentoML, not from elsewhere."""
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Glocal",
        swagger_js_url="../static_content/swagger-ui-bundle.js",
        swagger_css_url="../static_content/swagger-ui.css",
        swagger_favicon_url="../static_content/favicon-light-32x32.png",
    )

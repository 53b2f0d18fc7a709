"""What went wrong with a request, as JSON that says where, what, the value and the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from features.errors import InputError, NotFoundError

SHOWN_VALUE = 100
"""The longest value that a message repeats, in characters."""


class Problem(BaseModel):
    """What was wrong.

    Parameters
    ----------
    code : the same for all problems of one kind; for programs.
    message : one sentence with the value and the remedy; for people.
    where : the field, as in ``body.k``, where its form is at fault; null where it names something unknown.
    """

    code: str = Field(examples=["invalid_request"])
    message: str = Field(examples=["body.k: Input should be less than or equal to 100; the value is 1000"])
    where: str | None = Field(default=None, examples=["body.k"])


class ProblemAnswer(BaseModel):
    """The body of every answer with a status of 400 and above."""

    model_config = ConfigDict(extra="forbid")

    error: Problem


class NotReadyError(InputError):
    """What was asked for is not there yet; the message says what has to be done first."""


class ConflictError(InputError):
    """What was asked for cannot be done in the present state; the message says what has to be done first."""


def install(app: FastAPI) -> None:
    """Let an app answer every mistake of a user with a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InputError, _refused)
    app.add_exception_handler(OperationalError, _store_out_of_reach)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(Exception, _our_mistake)


def problem_response(
    status: int, code: str, message: str, where: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer that tells of a problem."""
    printable = message.encode("utf-8", "backslashreplace").decode("utf-8")
    body = ProblemAnswer(error=Problem(code=code, message=printable, where=where))
    return JSONResponse(body.model_dump(mode="json"), status_code=status, headers=headers)


async def answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework itself refuses: an unknown path, a wrong method, a body that is no JSON."""
    if not isinstance(error, HTTPException):
        raise error
    path = _request.url.path
    if error.status_code == 404:
        message = f"{path!r}: there is nothing here; see /v1/docs for what there is"
        return problem_response(404, "no_such_path", message)
    if error.status_code == 405:
        message = f"{path!r} has no method {_request.method}; see /v1/docs for those it has"
        return problem_response(405, "no_such_method", message, headers=error.headers)
    if error.status_code == 400:
        return problem_response(400, "unreadable", "body: it cannot be read as JSON; send one JSON object in UTF-8")
    code = "not_ready" if error.status_code == 503 else "refused"
    return problem_response(error.status_code, code, str(error.detail))


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status, code = _kind(error)
    return problem_response(status, code, str(error))


async def _store_out_of_reach(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(503, "store_out_of_reach", "the state database does not answer; ask again in a few seconds")


async def _our_mistake(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(500, "internal", "something went wrong here, not with the request; the log says what")


def _kind(error: Exception) -> tuple[int, str]:
    """Return the status and the code of a user's mistake."""
    match error:
        case NotFoundError():
            return 404, "not_found"
        case NotReadyError():
            return 503, "not_ready"
        case ConflictError():
            return 409, "conflict"
        case _:
            return 422, "invalid_request"


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place = _place(first["loc"])
    return problem_response(422, "invalid_request", _sentence(place, first), place)


def _place(location: Sequence[str | int]) -> str:
    return ".".join(str(part)[:SHOWN_VALUE] for part in location).encode("utf-8", "backslashreplace").decode("utf-8")


def _sentence(place: str, error: dict[str, Any]) -> str:
    """Say what is wrong with a field, its value, and what to do."""
    if isinstance(error.get("input"), bytes):
        return f"{place}: it was not sent as JSON; send it with the header 'content-type: application/json'"
    match error["type"]:
        case "missing":
            return f"{place}: it is missing; give it"
        case "extra_forbidden":
            return f"{place}: there is no such field; leave it out, or see /v1/docs for those there are"
        case "json_invalid":
            return f"body: this is no JSON: {error.get('ctx', {}).get('error', error['msg'])}"
        case "string_pattern_mismatch":
            return f"{place}: it holds a NUL character; take it out"
        case "tuple_type":
            return f"{place}: this must be a list; the value is {_shown(error)}"
        case "too_short" | "too_long":
            ctx = error["ctx"]
            bound = f"at least {ctx['min_length']}" if error["type"] == "too_short" else f"at most {ctx['max_length']}"
            return f"{place}: give {bound} items; there are {ctx['actual_length']}"
        case "model_attributes_type" | "dict_type":
            return f"{place}: this must be a JSON object; the value is {_shown(error)}"
        case _:
            return f"{place}: {str(error['msg']).removeprefix('Value error, ')}; the value is {_shown(error)}"


def _shown(error: dict[str, Any]) -> str:
    value = repr(error.get("input"))
    return value if len(value) <= SHOWN_VALUE else f"{value[:SHOWN_VALUE]}…"

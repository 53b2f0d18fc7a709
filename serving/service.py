"""The BentoML service: `bentoml serve serving.service:GlocalService`, with the workspace in GLOCAL_WORKSPACE."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import bentoml
from fastapi import Query
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from features.workspace import Workspace
from serving import feedback, tiers
from serving.app import PATH, build_app
from serving.library import check_units, document_of, require
from serving.live import Live
from serving.metrics import RequestMetrics
from serving.problems import answer_http_error
from serving.recommendations import answer, impressions
from serving.schemas.feedback import FeedbackAnswer, FeedbackBatch
from serving.schemas.fields import Locale, Text
from serving.schemas.playbooks import PlaybookAnswer, PlaybookBody
from serving.schemas.recommendations import RecommendationAnswer, RecommendationQuery
from serving.schemas.scores import ScoresAnswer, ScoresQuery
from serving.schemas.tiers import AccountAnswer, ReleasesAnswer, TiersAnswer, TiersQuery
from serving.scoring import score

SECONDS = 60
"""After which a request is given up."""

app = build_app()


def _to_docs(_request: Request) -> RedirectResponse:
    return RedirectResponse(f"{PATH.removeprefix('/')}/docs")


class _Service(bentoml.Service[Any]):  # type: ignore[misc]  # BentoML has no types for it
    """A service that answers in JSON also what BentoML refuses itself."""

    def to_asgi(self, is_main: bool = True) -> Starlette:
        asgi: Starlette = super().to_asgi(is_main)
        asgi.add_exception_handler(HTTPException, answer_http_error)
        return asgi


@bentoml.asgi_app(Starlette(routes=[Route("/", _to_docs)]), path="/", name="front")
@bentoml.asgi_app(app, path=PATH, name="api")
class Glocal:
    """Scores, tiers, recommendations and feedback of one workspace."""

    def __init__(self) -> None:
        self.live = Live(Workspace(Path(os.environ.get("GLOCAL_WORKSPACE", "workspace"))))
        self.live.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def stop(self) -> None:
        """Let go of everything."""
        self.live.stop()

    def __is_ready__(self) -> bool:
        why = self.live.why_not_ready()
        if why:
            raise HTTPException(503, why)
        return True

    @app.post("/recommendations", tags=["content"])
    def recommend(self, query: RecommendationQuery) -> RecommendationAnswer:
        """Recommend localised playbooks; an account that is not known gets what suits its market."""
        answered = answer(self.live.content(), self.live.store, query)
        self.live.shown.add(impressions(query, answered, datetime.now(UTC)))
        return answered

    @app.post("/feedback", tags=["content"])
    def give_feedback(self, batch: FeedbackBatch) -> FeedbackAnswer:
        """Tell what came of content; sending an event again changes nothing."""
        self.live.shown.settle()
        return feedback.record(self.live.store, batch)

    @app.put("/playbooks/{asset_id:path}", tags=["content"])
    def put_playbook(self, asset_id: Text, body: PlaybookBody) -> PlaybookAnswer:
        """Put a variant into the library, in place of the one with this id if there is one."""
        check_units(body, self.live.content().group)
        self.live.store.put_playbook(asset_id, document_of(body))
        self.live.content()
        return PlaybookAnswer(asset_id=asset_id, change="put")

    @app.delete("/playbooks/{asset_id:path}", tags=["content"])
    def delete_playbook(self, asset_id: Text) -> PlaybookAnswer:
        """Take a variant out of the library."""
        require(self.live.content().playbooks, asset_id)
        self.live.store.delete_playbook(asset_id)
        self.live.content()
        return PlaybookAnswer(asset_id=asset_id, change="deleted")

    @app.post("/scores", tags=["accounts"])
    def score_accounts(self, query: ScoresQuery) -> ScoresAnswer:
        """Score accounts with the models and the snapshot of the published release."""
        return score(self.live.scoring(), self.live.store, query)

    @app.get("/tiers", tags=["accounts"])
    def list_tiers(self, query: Annotated[TiersQuery, Query()]) -> TiersAnswer:
        """List the accounts of a release, the published one by default, sorted by id."""
        return tiers.tiers(self.live.store, self.live.content().group, query)

    @app.get("/accounts/{account_id:path}", tags=["accounts"])
    def show_account(self, account_id: Text, locale: Annotated[Locale, Query()] = "en") -> AccountAnswer:
        """Show one account, by any of its ids, as the published release has it."""
        return tiers.account(self.live.store, account_id, locale)

    @app.get("/releases", tags=["accounts"])
    def list_releases(self) -> ReleasesAnswer:
        """List all releases, the latest first."""
        return tiers.releases(self.live.store)


GlocalService: Any = bentoml.service(
    name="glocal",
    service_class=_Service,
    traffic={"timeout": SECONDS},
    metrics={"enabled": False},
    http={"host": "127.0.0.1"},
)(Glocal)
"""What BentoML runs. Its own metrics have a label for each URL, so they give way to RequestMetrics."""

GlocalService.add_asgi_middleware(RequestMetrics)

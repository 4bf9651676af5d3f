"""The four lines on one page: of the district, and of one firm."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core import clock
from app.facts.catalogue import load_catalogue
from app.firms import queries as firms
from app.programmes import queries
from app.programmes.catalogue import STAGES
from app.programmes.digital import queries as digital
from app.programmes.digital.models import DigitalLevel
from app.programmes.doubling import queries as doubling
from app.programmes.models import Programme
from app.programmes.rd_institutions import queries as institutions
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("programmes", __name__)


@door.get("/programmes/")
@requires(Action.PROGRAMME_READ)
def index() -> ResponseReturnValue:
    session, person = read(), actor()
    years = queries.roster_years(session)
    coverage = institutions.coverage(session, years[0] if years else clock.today().year - 1, for_=person)
    return page(
        doubling=queries.counts_by_stage(session, Programme.DOUBLING, for_=person),
        cultivation=queries.counts_by_stage(session, Programme.CULTIVATION, for_=person),
        coverage=coverage,
        covered=institutions.Covered,
        digital=digital.counts(session, for_=person),
        levels=list(DigitalLevel),
        doubling_stages=STAGES[Programme.DOUBLING],
        cultivation_stages=STAGES[Programme.CULTIVATION],
    )


@door.get("/firms/<int:firm_id>/programmes")
@requires(Action.PROGRAMME_READ)
def firm(firm_id: int) -> ResponseReturnValue:
    session = read()
    found = firms.firm(session, firm_id, for_=actor())
    doublings = queries.enrolments_of(session, firm_id, Programme.DOUBLING)
    pools = queries.enrolments_of(session, firm_id, Programme.CULTIVATION)
    return page(
        firm=found,
        doublings=doublings,
        progress=doubling.progress_of(session, doublings),
        pools=pools,
        moves=queries.moves(session, [enrolment.id for enrolment in (*doublings, *pools)]),
        institutions=institutions.of_firm(session, firm_id),
        assessments=digital.of_firm(session, firm_id),
        catalogue=load_catalogue(),
        stages={line.value: STAGES[line] for line in STAGES},
        today=clock.today(),
    )

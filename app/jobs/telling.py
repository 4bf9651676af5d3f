"""How far a job is, as the script of every page that shows one reads it (``progress.js``)."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from app.jobs.models import FINISHED, Job
from app.web.i18n import translate


def told(job: Job) -> ResponseReturnValue:
    """Return where a job stands, in the words of the reader; the caller has checked who may see it."""
    return jsonify(
        state=job.state.value,
        label=translate(job.state),
        done=job.done_steps,
        total=job.all_steps,
        note=translate(job.note),
        error=translate(job.error),
        finished=job.state in FINISHED,
    )

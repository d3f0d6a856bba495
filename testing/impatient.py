"""A web worker that gives slow clients up at once, so that tests need not wait for it."""

from inkling.web.gunicorn_worker import Worker


class Impatient(Worker):
    """Set it with `GUNICORN_CMD_ARGS="--worker-class testing.impatient.Impatient"`."""

    head_seconds = body_seconds = send_seconds = close_seconds = 0.3

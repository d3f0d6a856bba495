"""The Flask app, put together from the areas of inkling/web/; `python main.py` serves it."""

import sys

from inkling import failpoints
from inkling.settings import SettingError, Settings, load_settings
from inkling.web import (
    about,
    admin,
    api,
    collecting,
    curation,
    drawing,
    errors,
    gallery,
    health,
    models,
    networks,
    own_drawings,
    progress,
    rate_limit,
    request_id,
    security,
    weights,
)
from inkling.web.app import Inkling


def create_app(settings: Settings | None = None) -> Inkling:
    """Return the app on these settings, or on the environment's.

    Raises SettingError for a setting that cannot be used.
    """
    settings = settings or load_settings()
    failpoints.arm(settings.fault)
    app = Inkling(settings)
    app.register_blueprint(drawing.blueprint)  # the drawing page; answers, labels, versions
    app.register_blueprint(own_drawings.blueprint)  # a visitor's own: read again, deleted
    app.register_blueprint(weights.blueprint)  # for pages that answer on the device
    app.register_blueprint(gallery.blueprint)  # what visitors drew
    app.register_blueprint(about.blueprint)  # how it works
    app.register_blueprint(models.blueprint)  # the Models page and its pictures
    app.register_blueprint(progress.blueprint)  # the Progress page and its figures
    app.register_blueprint(networks.blueprint)  # networks for programs
    app.register_blueprint(api.blueprint)  # /api and /openapi.json
    app.register_blueprint(health.blueprint)  # for load balancers and monitoring
    app.register_blueprint(errors.blueprint)
    if settings.admin_password:
        app.register_blueprint(admin.blueprint)  # the operator's downloads
        app.register_blueprint(curation.blueprint)  # all drawings, to be changed
    if settings.answers == "no":
        collecting.only_collect(app)
    try:
        app.request_counts = rate_limit.apply_limits(app, settings)
        security.protect(app, settings)
    except SettingError:
        app.close()
        raise
    app.wsgi_app = request_id.name_requests(app.wsgi_app)  # type: ignore[method-assign]
    return app


if __name__ == "__main__":  # see python main.py --help
    from inkling.web.serve import serve  # what a web worker need not load

    serve(sys.argv[1:], create_app)

"""How an error is answered: a page for who browses, {"error": …} for programs."""

from flask import Response, jsonify, render_template, request

from inkling.web.languages import SAY
from inkling.words import marked

FOR_PROGRAMS = "networks"  # the blueprint that answers in JSON alone
TITLES = {
    401: marked("Not let in"),
    404: marked("There is nothing here"),
    429: marked("A little slower, please"),
}
OTHERWISE = marked("Something is wrong")


def error_answer(message: str, status: int) -> Response:
    """Return an error, what is wrong and what to do, in the form that the request asks for."""
    if _browses():
        title = SAY.text(TITLES.get(status, OTHERWISE))
        response = Response(render_template("error.html", title=title, message=message))
    else:
        response = jsonify(error=message)
    response.status_code = status
    if _may_browse():
        response.vary.add("Accept")
    return response


def _browses() -> bool:
    """Whether the request is a browser's for a page: it would rather have HTML than JSON."""
    return _may_browse() and prefers_pages()


def prefers_pages() -> bool:
    """Whether who asks would rather have a page than JSON."""
    wanted = request.accept_mimetypes
    return wanted["text/html"] > wanted["application/json"]


def _may_browse() -> bool:
    return request.method in ("GET", "HEAD") and request.blueprint != FOR_PROGRAMS

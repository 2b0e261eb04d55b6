"""Chalice. It knows REST APIs only, so its event is payload 1.0; it validates nothing, so the
handler does.
"""

from __future__ import annotations

from chalice import BadRequestError, Chalice, Response

app = Chalice(app_name="notes")


@app.route("/notes", methods=["POST"])
def write() -> Response:
    new = app.current_request.json_body
    if not isinstance(new, dict) or new.keys() != {"text"} or not isinstance(new["text"], str):
        raise BadRequestError("a note has a text and nothing else")
    return Response({"id": "1", "text": new["text"], "words": None}, status_code=201)

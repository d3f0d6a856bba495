"""What the models said before a label; drawings that are no digit; versions that are no lesson."""

import sqlalchemy as sql
from alembic import op

revision = "0003"
down_revision = "0002"

MODELS = ("fnn", "fnn_retrained", "cnn", "cnn_retrained")
SAID = ("said_answer", *(f"said_{model}" for model in MODELS))
PAGE = 500


def upgrade() -> None:
    never_twice = {"sqlite_autoincrement": True}  # SQLite's table is made anew, and must keep it
    with op.batch_alter_table("drawings", table_kwargs=never_twice) as table:
        table.add_column(sql.Column("digit", sql.LargeBinary))
        for name in SAID:
            table.add_column(sql.Column(name, sql.SmallInteger))
        table.drop_constraint("label_is_a_digit", type_="check")
        table.create_check_constraint("label_is_a_digit_or_none", "label BETWEEN -1 AND 9")
    with op.batch_alter_table("versions") as table:
        kind = sql.Column("kind", sql.String(8), nullable=False, server_default="lesson")
        table.add_column(kind)
        table.alter_column("drawing", existing_type=sql.String(36), nullable=True)
    with op.batch_alter_table("versions") as table:
        table.alter_column("kind", server_default=None)
    _fill_in_what_was_said()


def _fill_in_what_was_said() -> None:
    """From the probabilities that each row has; as `functions.select_answer` chose at the time."""
    drawings = sql.table(
        "drawings",
        sql.column("position", sql.Integer),
        sql.column("predictions", sql.JSON),
        *(sql.column(name, sql.SmallInteger) for name in SAID),
    )
    connection, position = op.get_bind(), 0
    while True:
        later = sql.select(drawings.c.position, drawings.c.predictions)
        later = later.where(drawings.c.position > position).order_by(drawings.c.position)
        page = connection.execute(later.limit(PAGE)).all()
        if not page:
            return
        for position, predictions in page:
            row = drawings.update().where(drawings.c.position == position)
            connection.execute(row.values(_said(predictions or {})))


def _said(predictions: dict[str, list[float]]) -> dict[str, int | None]:
    said: dict[str, int | None] = {}
    for model in MODELS:
        found = predictions.get(model)
        said[f"said_{model}"] = found.index(max(found)) if found else None
    fnn, cnn = predictions.get("fnn_retrained"), predictions.get("cnn_retrained")
    said["said_answer"] = _answer(fnn, cnn) if fnn and cnn else None
    return said


def _answer(fnn: list[float], cnn: list[float]) -> int | None:
    best = [probabilities.index(max(probabilities)) for probabilities in (fnn, cnn)]
    if best[0] != best[1] and max(fnn) < 0.5 and max(cnn) < 0.5:
        return None
    return best[0] if best[0] == best[1] or max(fnn) > max(cnn) else best[1]

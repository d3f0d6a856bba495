"""The journal's tables: what a row of each holds. `migrations/` makes a database have them."""

import sqlalchemy as sql

REVISION = "journal8"  # the newest of migrations/versions

RULE = "memory"  # by which versions learned before they noted it

metadata = sql.MetaData()
drawings = sql.Table(
    "drawings",
    metadata,
    sql.Column("position", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("id", sql.String(36), nullable=False, unique=True),
    sql.Column("label", sql.SmallInteger, nullable=False),  # -1: not a digit
    sql.Column("png", sql.LargeBinary, nullable=False),
    sql.Column("digit", sql.LargeBinary, nullable=False),  # 28×28 bytes, 255 the darkest ink
    sql.Column("strokes", sql.JSON),
    sql.Column("predictions", sql.JSON, nullable=False),
    sql.Column("predicted_version", sql.Integer, nullable=False),
    sql.Column("said", sql.JSON, nullable=False),  # the likeliest digit by model, before the label
    sql.Column("answer", sql.SmallInteger),  # the app's, before the label; none: unsure
    sql.Column("believers", sql.SmallInteger, nullable=False),  # models that said the label
    sql.Column("state", sql.String(9), nullable=False),
    sql.Column("rejection", sql.JSON(none_as_null=True)),  # a code with its figures
    sql.Column("version", sql.Integer, unique=True),
    sql.Column("receipt", sql.JSON),
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    sql.Column("stored", sql.Boolean, nullable=False, default=False),  # in the object store
    sql.Column("accepted", sql.Boolean, nullable=False, default=False, server_default=sql.false()),
    sql.Column("secret_hash", sql.LargeBinary),  # SHA-256; whoever knows the secret may delete it
    sql.Column("wanted", sql.JSON(none_as_null=True)),  # what a learned drawing is to become
    sql.CheckConstraint("label BETWEEN -1 AND 9", name="label_is_a_digit_or_none"),
    sql.Index("drawings_by_state", "state", "position"),
    sql.Index("drawings_by_stored", "stored", "position"),
    sql.Index("drawings_by_lesson", "state", "version"),
    sqlite_autoincrement=True,  # a position is never given twice
)
# Of drawings, few wait for the nets to be made anew without them, or with another label.
CHANGING = sql.text("wanted IS NOT NULL OR state = 'deleting'")
sql.Index(
    "drawings_changing", drawings.c.position, sqlite_where=CHANGING, postgresql_where=CHANGING
)
# What was changed of drawings by hand.
changes = sql.Table(
    "changes",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("drawing", sql.String(36), index=True),  # none: it was deleted since
    sql.Column("action", sql.String(8), nullable=False),
    sql.Column("by_visitor", sql.Boolean, nullable=False),  # else by the operator
    sql.Column("before", sql.JSON(none_as_null=True)),  # label and state
    sql.Column("after", sql.JSON(none_as_null=True)),
    sql.Column("undone", sql.Boolean, nullable=False, default=False),
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)
# Objects that the object store may have and shall not.
unwanted = sql.Table("unwanted", metadata, sql.Column("name", sql.String(200), primary_key=True))
# Counts of the drawings, kept by triggers: `tallies.py`.
tallies = sql.Table(
    "tallies",
    metadata,
    sql.Column("state", sql.String(9), primary_key=True),
    sql.Column("no_digit", sql.Boolean, primary_key=True),
    # On PostgreSQL sessions share these out, and wait less for each other: their sum counts.
    sql.Column("slot", sql.SmallInteger, primary_key=True, autoincrement=False),
    sql.Column("count", sql.BigInteger, nullable=False),
    sql.Column("positions", sql.BigInteger, nullable=False),  # their sum
)
versions = sql.Table(
    "versions",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("kind", sql.String(8), nullable=False, default="lesson"),  # rollback, rebuild
    sql.Column("rule", sql.String(8), nullable=False, default=RULE, server_default=RULE),
    sql.Column("drawing", sql.String(36), unique=True),  # none: no lesson, or forgotten or left out
    # Gone back to by a rollback, left out by a rebuild (0: none).
    sql.Column("target", sql.Integer),
    sql.Column("objects", sql.JSON(none_as_null=True)),  # names by part; none: no weights any more
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    sql.Column("stored", sql.Boolean, nullable=False, default=False),  # in the object store
    sql.Column("kept", sql.Boolean, nullable=False, default=True),  # else: to be deleted there
    sql.Index("versions_by_stored", "stored", "number"),
)
# Of versions, few have weights, and few are no lesson whose drawing is there.
UNDONE = sql.text("kind != 'lesson' OR drawing IS NULL")
sql.Index(
    "versions_kept",
    versions.c.number,
    sqlite_where=sql.text("kept = 1"),  # in the words of the queries: else it is not used
    postgresql_where=sql.text("kept"),
)
sql.Index("versions_undone", versions.c.number, sqlite_where=UNDONE, postgresql_where=UNDONE)
# Weights on their way to an object store that nobody may wait for, and always the newest ones.
contents = sql.Table(
    "contents",
    metadata,
    sql.Column("name", sql.String(200), primary_key=True),
    sql.Column("content", sql.LargeBinary, nullable=False),
)
evaluations = sql.Table(
    "evaluations",
    metadata,
    sql.Column("version", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("scores", sql.JSON, nullable=False),
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
)
# What a process wants others to know while it lasts: the trainer's trouble.
notices = sql.Table(
    "notices",
    metadata,
    sql.Column("name", sql.String(40), primary_key=True),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
)
# Networks that are trained as a whole. Their weights and serving graphs are in the object store.
networks = sql.Table(
    "networks",
    metadata,
    sql.Column("name", sql.String(40), primary_key=True),
    sql.Column("description", sql.JSON, nullable=False),  # nets.description
    sql.Column("weights", sql.String(200), nullable=False),  # the objects' names
    sql.Column("graph", sql.String(200), nullable=False),
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
)
jobs = sql.Table(
    "jobs",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("network", sql.String(40), nullable=False),
    # The network until the job has ended, none afterwards: it trains once at a time.
    sql.Column("unfinished", sql.String(40), unique=True),
    sql.Column("sample", sql.String(40), nullable=False),  # mnist, other
    sql.Column("state", sql.String(9), nullable=False),
    sql.Column("cancelled", sql.Boolean, nullable=False, default=False),  # asked for
    sql.Column("attempt", sql.Integer, nullable=False, default=0),  # how often it was taken up
    sql.Column("progress", sql.JSON(none_as_null=True)),
    sql.Column("checkpoint", sql.String(200)),  # an object's name
    sql.Column("reason", sql.Text),  # why it failed
    sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    sql.Column("ended_at", sql.DateTime(timezone=True)),
    sqlite_autoincrement=True,
)

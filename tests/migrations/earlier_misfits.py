"""What makes a database of the earlier service unfit to be taken over, one thing each."""

from __future__ import annotations

# What was done to the earlier service's tables, the table that is to blame, and what is said about it.
MISFITS = [
    ("DROP TABLE messages", "messages", "is missing"),
    (
        "ALTER TABLE messages RENAME TO m; CREATE VIEW messages AS TABLE m",
        "messages",
        "is of the kind view, and has to be",
    ),
    ("ALTER TABLE messages SET UNLOGGED", "messages", "is of the kind unlogged table, and has to be"),
    ("ALTER TABLE teams DROP COLUMN platform_name", "teams", "has no column platform_name (character varying(255))"),
    (
        "ALTER TABLE teams ALTER display_name TYPE varchar(300)",
        "teams",
        "has a column display_name of the type character varying(300), expected is character varying(255)",
    ),
    ("ALTER TABLE usage_logs ALTER id TYPE bigint", "usage_logs", "has a column id of the type bigint"),
    (
        "ALTER TABLE messages ALTER created_at TYPE timestamptz",
        "messages",
        "has a column created_at of the type timestamp with time zone",
    ),
    (
        (
            "ALTER TABLE usage_logs DROP COLUMN tokens_used,"
            " ADD COLUMN tokens_used integer GENERATED ALWAYS AS (request_count * 2) STORED"
        ),
        "usage_logs",
        "has a column tokens_used that is generated and cannot be written",
    ),
    (
        "ALTER TABLE teams ADD COLUMN name text NOT NULL DEFAULT 'x'; ALTER TABLE teams ALTER name DROP DEFAULT",
        "teams",
        "has a column name that needs a value and has no default",
    ),
    ("ALTER TABLE teams ADD COLUMN platform_type text", "teams", "has a column platform_type, the name of a column"),
    ("ALTER TABLE api_keys ADD COLUMN previous_key_hash text", "api_keys", "has a column previous_key_hash, the name"),
    (
        "ALTER TABLE messages DROP CONSTRAINT messages_pkey, ADD PRIMARY KEY (id, platform)",
        "messages",
        "has to have its primary key on id, and it is on id, platform",
    ),
    (
        "ALTER TABLE messages DROP CONSTRAINT messages_pkey",
        "messages",
        "has to have its primary key on id, and it is missing",
    ),
    ("ALTER TABLE messages ALTER id DROP DEFAULT", "messages", "has a column id that no sequence fills"),
    (
        "ALTER TABLE messages ALTER role DROP NOT NULL; UPDATE messages SET role = NULL WHERE id > 3",
        "messages",
        "has rows without a value in role (2): give them one; to see them: SELECT * FROM messages WHERE role IS NULL",
    ),
    (
        "ALTER TABLE teams ALTER is_active SET DEFAULT false",
        "teams",
        "has false as the default of is_active, expected is true",
    ),
    (
        "ALTER TABLE teams ALTER created_at SET DEFAULT '2020-01-01'",
        "teams",
        "has '2020-01-01 00:00:00'::timestamp without time zone as the default of created_at",
    ),
    (
        "ALTER TABLE teams ALTER created_at SET DEFAULT now() - interval '1 hour'",
        "teams",
        "as the default of created_at, expected is timezone('utc', now())",
    ),
    (
        "DROP INDEX ix_teams_platform_name; UPDATE teams SET platform_name = 'twice' WHERE id IN (2, 3)",
        "teams",
        "has values of platform_name in more than one row (1): leave each in one; to see them: SELECT platform_name",
    ),
    (
        "DROP INDEX ix_teams_platform_name; CREATE INDEX ix_teams_platform_name ON teams (platform_name)",
        "teams",
        "has an index ix_teams_platform_name that is not unique, btree (platform_name); expected is unique, btree",
    ),
    (
        "DROP INDEX ix_messages_user_id; CREATE INDEX ix_messages_user_id ON messages (role)",
        "messages",
        "has an index ix_messages_user_id that is not unique, btree (role); expected is not unique, btree (user_id)",
    ),
    (
        "DROP INDEX ix_messages_user_id; CREATE INDEX ix_messages_user_id ON messages (user_id) WHERE team_id IS NULL",
        "messages",
        "has an index ix_messages_user_id that is not unique, btree (user_id) WHERE (team_id IS NULL)",
    ),
    (
        "DROP INDEX ix_messages_user_id; CREATE INDEX ix_messages_user_id ON teams (id)",
        "messages",
        "lacks the index ix_messages_user_id on user_id, whose name is taken (index of teams)",
    ),
    (
        "ALTER TABLE api_keys ADD UNIQUE (team_id, name)",
        "api_keys",
        "has another unique index api_keys_team_id_name_key on btree (team_id, name)",
    ),
    (
        "CREATE UNIQUE INDEX lower_names ON teams (lower(display_name))",
        "teams",
        "has another unique index lower_names on btree (lower((display_name)::text))",
    ),
    (
        "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey; UPDATE messages SET team_id = 99 WHERE id < 4",
        "messages",
        "has rows whose team_id is no id of teams (3): give them one that exists, or remove them; to see them: SELECT",
    ),
    (
        (
            "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey; CREATE TABLE places (id integer PRIMARY KEY);"
            " ALTER TABLE messages ADD CONSTRAINT k FOREIGN KEY (team_id) REFERENCES places NOT VALID"
        ),
        "messages",
        "has a foreign key k from team_id to places (id), which rows of this service would not satisfy",
    ),
    (
        (
            "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey,"
            " ADD CONSTRAINT messages_team_id_fkey CHECK (team_id > 0)"
        ),
        "messages",
        "lacks the foreign key from team_id to teams, whose name messages_team_id_fkey is taken: rename that",
    ),
    (
        "ALTER TABLE teams ADD CONSTRAINT ck_teams_revision CHECK (id > 0)",
        "teams",
        "has a constraint ck_teams_revision, a name that this service needs: rename it",
    ),
    ("CREATE TABLE chat_sessions (id integer)", "the database", "has something named chat_sessions (table)"),
    ("CREATE VIEW team_revisions AS SELECT 1", "the database", "has something named team_revisions (view)"),
    (
        "CREATE INDEX ix_messages_session ON messages (role)",
        "the database",
        "has something named ix_messages_session (index of messages), which this service makes itself: rename it",
    ),
]

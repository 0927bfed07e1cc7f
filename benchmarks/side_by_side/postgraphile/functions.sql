-- What PostGraphile has to find in the database to answer the same: the merged configuration of a team, its usage, and
-- the two changes with their trail. Its own mutations of rows know neither a revision nor a trail.

-- The index that makes it unique is not one of a constraint, which is all that it looks at by itself.
COMMENT ON TABLE teams IS '@unique platform_name';

CREATE TYPE effective_config AS (
    model text,
    available_models text[],
    rate_limit integer,
    max_history integer,
    allow_model_switch boolean,
    requires_auth boolean,
    commands text[]
);

CREATE FUNCTION teams_effective_config(team teams) RETURNS effective_config LANGUAGE sql STABLE AS $$
    SELECT
        CASE
            WHEN team.default_model = ANY (chosen.models) THEN team.default_model
            WHEN defaults.model = ANY (chosen.models) THEN defaults.model
            ELSE chosen.models[1]
        END,
        chosen.models,
        coalesce(team.rate_limit, defaults.rate_limit),
        coalesce(team.max_history, defaults.max_history),
        coalesce(team.allow_model_switch, true),
        team.platform_type <> 'public',
        ARRAY['start', 'help', 'status', 'clear', 'model', 'models']
    FROM (
        VALUES
            ('public', 'google/gemini-2.0-flash-001', ARRAY[
                'google/gemini-2.0-flash-001', 'google/gemini-2.5-flash', 'deepseek/deepseek-chat-v3-0324',
                'openai/gpt-4o-mini'
            ], 20, 10),
            ('private', 'openai/gpt-5-chat', ARRAY[
                'openai/gpt-5-chat', 'openai/gpt-4.1', 'openai/gpt-4o-mini', 'openai/gpt-4o-search-preview',
                'anthropic/claude-sonnet-4', 'google/gemini-2.0-flash-001', 'google/gemini-2.5-flash',
                'deepseek/deepseek-chat-v3-0324', 'x-ai/grok-4', 'meta-llama/llama-4-maverick'
            ], 60, 30)
    ) AS defaults (platform_type, model, models, rate_limit, max_history)
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN team.available_models IS NULL THEN defaults.models
            ELSE ARRAY(SELECT json_array_elements_text(team.available_models))
        END AS models
    ) AS chosen
    WHERE defaults.platform_type = team.platform_type
$$;

CREATE TYPE daily_usage AS (
    day timestamptz,
    requests bigint,
    successes bigint,
    tokens bigint,
    estimated_cost double precision
);

CREATE TYPE usage_summary AS (
    "from" timestamptz,
    "to" timestamptz,
    failures bigint,
    average_response_ms double precision,
    requests bigint,
    successes bigint,
    tokens bigint,
    estimated_cost double precision,
    by_day daily_usage[]
);

CREATE FUNCTION teams_usage(team teams, first date, "end" date) RETURNS usage_summary LANGUAGE sql STABLE AS $$
    WITH used AS (
        SELECT
            grouping(day) = 1 AS is_total,
            day,
            coalesce(sum(requests), 0)::bigint AS requests,
            coalesce(sum(successes), 0)::bigint AS successes,
            coalesce(sum(tokens), 0)::bigint AS tokens,
            coalesce(sum(estimated_cost), 0)::double precision AS estimated_cost,
            sum(response_ms) AS response_ms,
            sum(responses) AS responses
        FROM usage_totals
        WHERE team_id = team.id AND day >= first AND day < "end"
        GROUP BY GROUPING SETS ((), (day))
    )
    SELECT
        first::timestamptz,
        "end"::timestamptz,
        total.requests - total.successes,
        (total.response_ms::double precision / nullif(total.responses, 0)::double precision),
        total.requests,
        total.successes,
        total.tokens,
        total.estimated_cost,
        ARRAY(
            SELECT
                ROW(
                    days.day,
                    coalesce(used.requests, 0),
                    coalesce(used.successes, 0),
                    coalesce(used.tokens, 0),
                    coalesce(used.estimated_cost, 0)
                )::daily_usage
            FROM generate_series(first::timestamptz, "end"::timestamptz - interval '1 day', interval '1 day')
                AS days (day)
            LEFT JOIN used ON used.day = days.day::date AND NOT used.is_total
            ORDER BY days.day
        )
    FROM used AS total
    WHERE total.is_total
$$;

CREATE FUNCTION trail(team teams, action text, changed_fields text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO team_revisions (team_id, revision, changed_at, changed_by, action, snapshot, changed_fields)
    VALUES (
        team.id,
        team.revision,
        clock_timestamp(),
        'bench',
        action,
        jsonb_build_object(
            'display_name', team.display_name,
            'platform_name', team.platform_name,
            'platform_type', team.platform_type,
            'monthly_quota', team.monthly_quota,
            'daily_quota', team.daily_quota,
            'is_active', team.is_active,
            'rate_limit', team.rate_limit,
            'max_history', team.max_history,
            'default_model', team.default_model,
            'available_models', team.available_models,
            'allow_model_switch', team.allow_model_switch
        ),
        changed_fields
    )
$$;

COMMENT ON FUNCTION trail(teams, text, text[]) IS '@behavior -*';

CREATE TYPE made_team AS (team teams, secret text);

CREATE FUNCTION create_team_with_key(
    display_name text,
    platform_name text,
    platform_type text,
    monthly_quota integer,
    daily_quota integer,
    rate_limit integer,
    max_history integer
) RETURNS made_team LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_variable
DECLARE
    made teams;
    secret text := 'ak_' || rtrim(
        translate(encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '='
    );
BEGIN
    INSERT INTO teams AS team (
        display_name, platform_name, platform_type, monthly_quota, daily_quota, rate_limit, max_history
    )
    VALUES (
        display_name, platform_name, lower(platform_type), monthly_quota, daily_quota, rate_limit, max_history
    )
    RETURNING team.* INTO made;
    PERFORM trail(made, 'createTeam', ARRAY[
        'display_name', 'platform_name', 'platform_type', 'monthly_quota', 'daily_quota', 'is_active', 'rate_limit',
        'max_history', 'default_model', 'available_models', 'allow_model_switch'
    ]);
    INSERT INTO api_keys (key_hash, key_prefix, team_id, name, created_by)
    VALUES (encode(sha256(secret::bytea), 'hex'), left(secret, 12), made.id, 'First key', 'bench');
    RETURN ROW(made, secret)::made_team;
END
$$;

CREATE FUNCTION update_team_overrides(team_id integer, rate_limit integer, max_history integer) RETURNS teams
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_variable
DECLARE
    found teams;
    changed teams;
    changed_fields text[];
BEGIN
    SELECT team.* INTO STRICT found FROM teams AS team WHERE team.id = team_id FOR NO KEY UPDATE;
    changed_fields := array_remove(ARRAY[
        CASE WHEN found.rate_limit IS DISTINCT FROM rate_limit THEN 'rate_limit' END,
        CASE WHEN found.max_history IS DISTINCT FROM max_history THEN 'max_history' END
    ], NULL);
    IF cardinality(changed_fields) = 0 THEN
        RETURN found;
    END IF;
    UPDATE teams AS team SET
        rate_limit = update_team_overrides.rate_limit,
        max_history = update_team_overrides.max_history,
        revision = team.revision + 1,
        updated_at = timezone('utc', clock_timestamp())
    WHERE team.id = team_id
    RETURNING team.* INTO changed;
    PERFORM trail(changed, 'updateTeamOverrides', changed_fields);
    RETURN changed;
END
$$;

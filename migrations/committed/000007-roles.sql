--! Previous: sha1:06c5bd0eb4e3c98f1b498dac72443543a992fb7b
--! Hash: sha1:26eb32f8c30428a0e02a25b999f693cbe3303430
--! Message: roles

/*
 * Three group roles to grant to logins: btcdb_reader for dashboards, btcdb_writer for whatever brings data, btcdb_curator for
 * who judges it. Roles belong to the whole server, so they may exist already; an owner without CREATEROLE skips them and
 * grants by hand.
 */

do $$
declare
  role_name text;
begin
  foreach role_name in array array['btcdb_reader', 'btcdb_writer', 'btcdb_curator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
      execute format('create role %I nologin', role_name);
    end if;
  end loop;
exception
  when insufficient_privilege then
    raise notice 'roles btcdb_reader, btcdb_writer and btcdb_curator are not created: %', sqlerrm
      using hint = 'Let a role with CREATEROLE create them, then run the grants of this migration.';
end
$$;

do $$
begin
  if (select count(*) from pg_catalog.pg_roles where rolname in ('btcdb_reader', 'btcdb_writer', 'btcdb_curator')) < 3 then
    return;
  end if;

  grant usage on schema public to btcdb_reader, btcdb_writer, btcdb_curator;
  -- So that they can see whether migrations are pending.
  if to_regnamespace('graphile_migrate') is not null then
    grant usage on schema graphile_migrate to btcdb_reader, btcdb_writer, btcdb_curator;
    grant select on graphile_migrate.migrations to btcdb_reader, btcdb_writer, btcdb_curator;
  end if;
  grant select on all tables in schema public to btcdb_reader, btcdb_writer, btcdb_curator;
  -- Tables, views and aggregates that the owner adds later are read by all three, and written by whom the owner grants it.
  alter default privileges in schema public grant select on tables to btcdb_reader, btcdb_writer, btcdb_curator;

  -- Neither the audit log nor the archive, nor what is found: only triggers write there.
  grant insert, update, delete on
    public.sources, public.timeseries_data, public.lineage, public.features, public.forecasts,
    public.ml_models, public.backtest_results, public.backtest_trades
    to btcdb_writer;

  -- What is found stays; what people say about it, and what rows must be, is a curator's.
  grant update (reviewed, is_false_positive, resolved_at, resolved_by, resolution_notes) on public.anomalies to btcdb_curator;
  grant
    insert (data_type, source_id, rule_name, rule_sql, error_message, severity, enabled),
    update (data_type, source_id, rule_name, rule_sql, error_message, severity, enabled),
    delete
    on public.validation_rules to btcdb_curator;
end
$$;

-- TimescaleDB lets everybody make jobs, which go on when their session has ended, and until 2.28 drop and freeze any chunk. Only
-- superusers can take that away; other owners are reminded of the chunks by btcdb doctor.
do $$
declare
  opened regprocedure;
begin
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return;
  end if;
  for opened in
    select p.oid
    from pg_catalog.pg_proc as p
    where (p.pronamespace = '_timescaledb_functions'::regnamespace and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk'))
      or (p.pronamespace = 'public'::regnamespace and p.proname = 'add_job')
  loop
    execute format('revoke execute on function %s from public', opened);
  end loop;
end
$$;

-- Tokens are for whoever comes by HTTP and has no login. Not in public, where readers could read it, and not audited: the
-- audit log would show the hashes.
create table app_private.access_tokens (
  token_id int generated always as identity,
  name text not null,
  role text not null,
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  created_by text not null default app_private.current_actor(),
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  constraint access_tokens_pkey primary key (token_id),
  constraint access_tokens_token_hash_key unique (token_hash),
  -- It becomes changed_by in the audit log.
  constraint access_tokens_name_check check (name ~ '^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$'),
  constraint access_tokens_role_check check (role in ('reader', 'writer', 'curator')),
  constraint access_tokens_token_hash_check check (length(token_hash) = 32),
  constraint access_tokens_expires_at_check check (expires_at > created_at),
  constraint access_tokens_revoked_check check ((revoked_at is null) = (revoked_by is null))
);
-- The name of a revoked token may be given again.
create unique index access_tokens_name_idx on app_private.access_tokens (name) where revoked_at is null;
comment on table app_private.access_tokens is
  'Who may come by HTTP. The owner makes tokens with btcdb token; they are never deleted, so that names in the audit log can be told.';
comment on column app_private.access_tokens.token_id is 'Key of the token.';
comment on column app_private.access_tokens.name is 'Who has it: changed_by of what is written with it. Unique among tokens that are not revoked.';
comment on column app_private.access_tokens.role is 'reader: asks with the rights of btcdb_reader; writer and curator: also write, with those of btcdb_writer or btcdb_curator.';
comment on column app_private.access_tokens.token_hash is 'SHA-256 of the token. The token itself is stored nowhere.';
comment on column app_private.access_tokens.created_at is 'When it was made.';
comment on column app_private.access_tokens.created_by is 'Who made it.';
comment on column app_private.access_tokens.expires_at is 'From this moment on it is refused; null: it does not expire.';
comment on column app_private.access_tokens.revoked_at is 'When it was revoked: from then on it is refused.';
comment on column app_private.access_tokens.revoked_by is 'Who revoked it.';

-- What must be checked against all that is committed is done by one transaction at a time. A lock would not be enough:
-- who waits for it in REPEATABLE READ goes on with the snapshot of before. The update of a row that another transaction
-- has changed since makes PostgreSQL refuse such a transaction with 40001, after which it can be tried again.
create or replace function app_private.take_turn(subject text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into app_private.serial_points as p (name)
  values (subject)
  on conflict (name) do update set turns = p.turns + 1;
$$;

comment on function app_private.take_turn(text) is
  'Waits until no other transaction is at this subject, for example rules, and keeps them waiting until this one ends. Raises 40001 where this one cannot see what the last one did.';

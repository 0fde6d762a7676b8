/*
 * Tokens for whoever comes by HTTP. Only the owner, and whom the owner grants it, can ask these.
 */

/*
 * Notes a new token by its SHA-256. It is valid until :expires_at, or for :expires_in; without both it does not expire. A name that
 * another token has which is not revoked is refused with 23505.
 */
/* @name issue */
insert into app_private.access_tokens (name, role, token_hash, expires_at)
values (:name!, :role!, :token_hash!, coalesce(:expires_at::timestamptz, now() + :expires_in::interval))
returning name, role, expires_at;

/* Every token there ever was, by name, the newest first. */
/* @name list */
select
  t.name,
  t.role,
  case
    when t.revoked_at is not null then 'revoked'
    when t.expires_at <= now() then 'expired'
    else 'valid'
  end as "state!",
  t.created_at,
  t.created_by,
  t.expires_at,
  t.revoked_at,
  t.revoked_by
from app_private.access_tokens as t
order by t.name, t.token_id desc;

/* Revokes the token of that name; nothing when there is none. */
/* @name revoke */
update app_private.access_tokens
set revoked_at = now(), revoked_by = app_private.current_actor()
where name = :name! and revoked_at is null
returning name, role, revoked_at as "revoked_at!";

/* The valid token with this SHA-256, and for how many milliseconds it still is; nothing when there is none. */
/* @name byHash */
select
  t.name,
  t.role,
  t.token_hash,
  (1000 * extract(epoch from t.expires_at - now()))::float8 as "expires_in_ms?"
from app_private.access_tokens as t
where t.token_hash = :token_hash!
  and t.revoked_at is null
  and (t.expires_at > now()) is not false;

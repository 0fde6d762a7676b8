create or replace function app_private.current_actor() returns text
language sql stable
return coalesce(nullif(current_setting('app.user', true), ''), session_user);

comment on function app_private.current_actor() is
  'Who acts: the setting app.user of the transaction when it is set, else the session user.';

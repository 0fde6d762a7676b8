create or replace function app_private.digest_of_digests(digests bytea[]) returns bytea
language sql immutable
return (
  select sha256(convert_to(string_agg(encode(d.digest, 'hex') || chr(10), '' order by d.place), 'UTF8'))
  from unnest(digests) with ordinality as d (digest, place)
);

comment on function app_private.digest_of_digests(bytea[]) is 'SHA-256 of digests, each in hexadecimal on a line of its own.';

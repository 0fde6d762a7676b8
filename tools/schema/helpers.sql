-- Helpers of the other files. They live in the transaction that describes the schema.

-- Not what an extension brought along.
create function pg_temp.is_own(class regclass, object oid) returns boolean language sql stable
return not exists (
  select from pg_catalog.pg_depend as d
  where d.classid = class and d.objid = object and d.deptype = 'e'
);

-- The schemas that are described.
create function pg_temp.is_described(namespace oid) returns boolean language sql stable
return namespace in ('public'::regnamespace, 'app_private'::regnamespace);

-- What PostgreSQL prints of an expression, with key words in lower case as in the migrations: all but what is quoted.
create function pg_temp.lower_words(expression text) returns text language sql immutable
return (
  select string_agg(case when token[1] ~ '^[''"]' then token[1] else lower(token[1]) end, '' order by place)
  from regexp_matches(expression, '''(?:[^'']|'''')*''|"(?:[^"]|"")*"|[^''"]+', 'g') with ordinality as t (token, place)
);

create function pg_temp.comment_on(what text, comment text) returns text language sql immutable
return case when comment is not null then format('comment on %s is %L;', what, comment) end;

-- The comments on a table or view and its columns.
create function pg_temp.comments_on(kind text, name text, relation oid) returns text language sql stable
return (
  select string_agg(
    pg_temp.comment_on(case when a.attnum is null then kind || ' ' || name else format('column %s.%I', name, a.attname) end, d.description),
    E'\n' order by d.objsubid
  )
  from pg_catalog.pg_description as d
  left join pg_catalog.pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0
  where d.classoid = 'pg_class'::regclass and d.objoid = relation
);

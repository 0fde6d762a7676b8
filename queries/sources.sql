/*
 * The registry of sources: what series there are, and how to reach one by its name.
 */

/*
 * Every source, at most :limit. A filter that is left out lets everything through. Without :sort they are in the order
 * of a menu: by category and name.
 * @http GET /api/sources
 * @graphql Query.sources Source[]
 */
/* @name list */
select
  s.source_id,
  s.name,
  s.display_name,
  s.category,
  s.data_type,
  s.api_endpoint,
  s.api_provider,
  s.requires_auth,
  s.update_frequency,
  s.last_successful_update,
  s.next_scheduled_update,
  s.status,
  s.market_type,
  s.metadata,
  s.created_at,
  s.updated_at,
  s.created_by
from public.sources as s
where (:status::public.plugin_status_enum is null or s.status = :status)
  and (:data_type::public.data_type_enum is null or s.data_type = :data_type)
  and (:category::text is null or s.category = :category)
order by
  case :sort when 'name' then s.name when 'display_name' then s.display_name end,
  case :sort when 'created' then s.created_at when 'updated' then s.last_successful_update end desc nulls last,
  s.category,
  s.name
limit :limit;

/* The sources that are being updated, the one due first on top. */
/* @name active */
select
  s.source_id,
  s.name,
  s.display_name,
  s.category,
  s.data_type,
  s.update_frequency,
  s.last_successful_update,
  s.next_scheduled_update,
  s.market_type,
  s.metadata
from public.sources as s
where s.status = 'active'
order by s.next_scheduled_update nulls first, s.name;

/*
 * One source by its machine name; nothing when there is none.
 * @http GET /api/sources/{source}
 * @graphql Query.source Source
 */
/* @name byName */
select
  s.source_id,
  s.name,
  s.display_name,
  s.category,
  s.data_type,
  s.api_endpoint,
  s.api_provider,
  s.requires_auth,
  s.update_frequency,
  s.last_successful_update,
  s.next_scheduled_update,
  s.status,
  s.market_type,
  s.metadata,
  s.created_at,
  s.updated_at,
  s.created_by
from public.sources as s
where s.name = :name!;

/* Those of the sources that are registered, with the milliseconds between two rows. */
/* @name byNames */
select
  s.name,
  s.source_id,
  1000 * extract(epoch from s.update_frequency)::float8 as "frequency_ms!"
from public.sources as s
where s.name = any(:names!::text[]);

/*
 * Registers a source, or brings the registration of that name up to date. What is left out keeps its value, and in a
 * new source gets the default of its column. Doing it twice changes nothing.
 * @http PUT /api/sources/{source}
 * @graphql Mutation.registerSource Registration
 */
/* @name register */
insert into public.sources as s (
  name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, market_type,
  metadata
)
values (
  :name!,
  :display_name!,
  coalesce(:category, 'uncategorized'),
  :data_type!,
  :api_endpoint,
  :api_provider,
  coalesce(:requires_auth, false),
  coalesce(:update_frequency, interval '1 day'),
  coalesce(:market_type::public.market_enum, 'CRYPTO'),
  coalesce(:metadata::jsonb, '{}')
)
on conflict (name) do update
set
  display_name = excluded.display_name,
  category = coalesce(:category, s.category),
  data_type = excluded.data_type,
  api_endpoint = coalesce(excluded.api_endpoint, s.api_endpoint),
  api_provider = coalesce(excluded.api_provider, s.api_provider),
  requires_auth = coalesce(:requires_auth, s.requires_auth),
  update_frequency = coalesce(:update_frequency, s.update_frequency),
  market_type = coalesce(:market_type, s.market_type),
  metadata = coalesce(:metadata, s.metadata)
returning s.source_id, s.name, s.status, s.xmax = 0 as "is_new!";

/*
 * Moves a source through its life cycle; nothing when there is no such source.
 * @graphql Mutation.setSourceStatus SourceStatus
 */
/* @name setStatus */
update public.sources as s
set status = :status!
where s.name = :name!
returning s.source_id, s.name, s.status;

/*
 * What is wrong with the entries of a registry, a JSON array of objects with columns of a source. Whether a frequency
 * is one is for isFrequency.
 */
/* @name entryProblems */
select
  e.number::int as "number!",
  p.field as "field!",
  p.expected as "expected!"
from jsonb_array_elements(:entries!::json::jsonb) with ordinality as e (entry, number)
cross join lateral (
  values
    ('name', e.entry ->> 'name' ~ '^[a-z0-9_]+$', 'a name of a-z, 0-9 and _'),
    (
      'data_type',
      e.entry ->> 'data_type' = any(enum_range(null::public.data_type_enum)::text[]),
      'one of ' || array_to_string(enum_range(null::public.data_type_enum), ', ')
    ),
    (
      'status',
      e.entry ->> 'status' = any(enum_range(null::public.plugin_status_enum)::text[]),
      'one of ' || array_to_string(enum_range(null::public.plugin_status_enum), ', ')
    ),
    (
      'market_type',
      e.entry ->> 'market_type' = any(enum_range(null::public.market_enum)::text[]),
      'one of ' || array_to_string(enum_range(null::public.market_enum), ', ')
    )
) as p (field, is_right, expected)
where jsonb_exists(e.entry, p.field)
  and p.is_right is not true
order by e.number;

/* Whether a text is a frequency that a source may have. One that is no interval at all is an error of class 22. */
/* @name isFrequency */
select :frequency!::text::interval between interval '1 second' and interval '10 years' as "is_frequency!";

/* Registers the source of an entry, a JSON object; what it leaves out gets a default. Nothing when it is there. */
/* @name addEntry */
insert into public.sources (
  name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status,
  market_type, metadata
)
select
  e.name,
  e.display_name,
  e.category,
  e.data_type,
  e.api_endpoint,
  e.api_provider,
  e.requires_auth,
  e.update_frequency,
  e.status,
  e.market_type,
  e.metadata
from jsonb_populate_record(
  null::public.sources,
  jsonb_build_object(
    'display_name', initcap(regexp_replace(:entry!::json ->> 'name', '_+', ' ', 'g')),
    'category', 'uncategorized',
    'requires_auth', false,
    'update_frequency', '1 day',
    'status', 'active',
    'market_type', 'CRYPTO',
    'metadata', '{}'::jsonb
  ) || :entry::json::jsonb
) as e
on conflict (name) do nothing
returning source_id;

/* Brings the source of an entry up to date: what the entry leaves out stays. Nothing when it says what is there. */
/* @name applyEntry */
update public.sources as s
set
  (
    display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status,
    market_type, metadata
  ) = (
    select
      e.display_name,
      e.category,
      e.data_type,
      e.api_endpoint,
      e.api_provider,
      e.requires_auth,
      e.update_frequency,
      e.status,
      e.market_type,
      e.metadata
    from jsonb_populate_record(s, :entry!::json::jsonb) as e
  )
where s.name = :entry::json ->> 'name'
  and s is distinct from jsonb_populate_record(s, :entry::json::jsonb)
returning s.source_id;

/* The source of an entry when that says anything else than what is there. */
/* @name differingEntry */
select s.source_id
from public.sources as s
where s.name = :entry!::json ->> 'name'
  and s is distinct from jsonb_populate_record(s, :entry::json::jsonb);

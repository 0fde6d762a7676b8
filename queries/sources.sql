/*
 * The registry of sources: what series there are, and how to reach one by its name.
 */

/*
 * Every source. A filter that is left out lets everything through. Without :sort they are in the order of a menu: by
 * category and name.
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
  s.name;

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

/* One source by its machine name; nothing when there is none. */
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

/*
 * Registers a source, or brings the registration of that name up to date. What is left out keeps its value, and in a
 * new source gets the default of its column. Doing it twice changes nothing.
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

/* Moves a source through its life cycle; nothing when there is no such source. */
/* @name setStatus */
update public.sources as s
set status = :status!
where s.name = :name!
returning s.source_id, s.name, s.status;

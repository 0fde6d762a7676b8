select format(
  E'create event trigger %I on %s\n  when tag in (%s)\n  execute function %s();',
  e.evtname, e.evtevent, t.tags, e.evtfoid::regproc
) as paragraph
from pg_catalog.pg_event_trigger as e
cross join lateral (
  select string_agg(quote_literal(tag), ', ' order by tag collate "C") as tags from unnest(e.evttags) as tag
) as t
where pg_temp.is_own('pg_event_trigger', e.oid)
order by e.evtname collate "C";

/*
 * The validation rules: boolean expressions that rows must satisfy.
 */

/*
 * Every rule, those for all sources of a type first, at most :limit.
 * @http GET /api/rules
 * @graphql Query.rules Rule[]
 */
/* @name list */
select
  r.rule_id,
  r.data_type,
  r.source_id,
  s.name as "source_name?",
  r.rule_name,
  r.rule_sql,
  r.error_message,
  r.severity,
  r.enabled,
  r.created_at,
  r.created_by
from public.validation_rules as r
left join public.sources as s on s.source_id = r.source_id
order by r.data_type, s.name nulls first, r.rule_name
limit :limit;

/*
 * Adds a rule for a type, a source, or both. Refused with the reason (SQLSTATE MD001) unless the expression is boolean,
 * immutable and about one row. Rows that are already there are checked by it when they are scored again.
 */
/* @name add */
insert into public.validation_rules as r (
  data_type, source_id, rule_name, rule_sql, error_message, severity, enabled
)
values (
  :data_type, :source_id, :rule_name!, :rule_sql!, :error_message!, coalesce(:severity, 'ERROR'), coalesce(:enabled, true)
)
returning r.rule_id, r.rule_name, r.severity, r.enabled;

/* Switches a rule on or off. */
/* @name setEnabled */
update public.validation_rules as r
set enabled = :enabled!
where r.rule_id = :rule_id!
returning r.rule_id, r.rule_name, r.enabled;

/* Removes a rule. The audit log keeps it. */
/* @name remove */
delete from public.validation_rules as r
where r.rule_id = :rule_id!
returning r.rule_id, r.rule_name;

create or replace function app_private.validation_loss(violated int[]) returns int
language sql immutable
return 10 * cardinality(violated);

comment on function app_private.validation_loss(int[]) is
  'What a row loses of its score for the rules that it violates.';

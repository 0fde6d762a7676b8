/*
 * The registry of models.
 */

/*
 * Registers a version of a model, or brings its registration up to date. Ranges are from (included) to (excluded) and
 * must not overlap. A status is not among the parameters: a new version is in training; deploy and retire move it.
 */
/* @name register */
insert into public.ml_models as m (
  name, version, model_type, model_path, model_hash, training_range, validation_range, features_used,
  training_score, validation_score, test_score, hyperparameters
)
values (
  :name!,
  :version!,
  :model_type!,
  :model_path,
  :model_hash,
  case when :training_from::timestamptz is not null then tstzrange(:training_from, :training_to) end,
  case when :validation_from::timestamptz is not null then tstzrange(:validation_from, :validation_to) end,
  coalesce(:features_used::text[], '{}'),
  :training_score,
  :validation_score,
  :test_score,
  coalesce(:hyperparameters::jsonb, '{}')
)
on conflict (name, version) do update
set
  model_type = excluded.model_type,
  model_path = excluded.model_path,
  model_hash = excluded.model_hash,
  training_range = excluded.training_range,
  validation_range = excluded.validation_range,
  features_used = excluded.features_used,
  training_score = excluded.training_score,
  validation_score = excluded.validation_score,
  test_score = excluded.test_score,
  hyperparameters = excluded.hyperparameters
returning m.model_id, m.status;

/* A version in training has been validated. */
/* @name markValidated */
update public.ml_models as m
set status = 'validated'
where m.name = :name!
  and m.version = :version!
  and m.status = 'training'
returning m.model_id, m.status;

/*
 * Deploys a version and retires the one that was deployed, in one statement. Nothing happens when the version does not
 * exist; deploying the deployed version again changes nothing.
 */
/* @name deploy */
with target as (
  select m.model_id
  from public.ml_models as m
  where m.name = :name! and m.version = :version!
),
retired as (
  update public.ml_models as m
  set status = 'retired', retired_at = now()
  where m.name = :name!
    and m.status = 'deployed'
    and m.version <> :version!
    and exists (select from target)
  returning m.version
)
update public.ml_models as m
set
  status = 'deployed',
  deployed_at = case when m.status = 'deployed' then m.deployed_at else now() end,
  retired_at = null
from target as t
cross join (select min(r.version) as version from retired as r) as previous
where m.model_id = t.model_id
returning m.model_id, m.name, m.version, m.deployed_at as "deployed_at!", previous.version as retired_version;

/* Retires a version, deployed or not. */
/* @name retire */
update public.ml_models as m
set status = 'retired', retired_at = now()
where m.name = :name!
  and m.version = :version!
  and m.status <> 'retired'
returning m.model_id, m.status, m.retired_at as "retired_at!";

/*
 * Every version of every model, or of the one called :name, the newest first, at most :limit.
 * @http GET /api/models
 * @graphql Query.models Model[]
 */
/* @name list */
select
  m.model_id,
  m.name,
  m.version,
  m.model_type,
  m.model_path,
  m.model_hash,
  lower(m.training_range) as training_from,
  upper(m.training_range) as training_to,
  lower(m.validation_range) as validation_from,
  upper(m.validation_range) as validation_to,
  m.features_used,
  m.training_score,
  m.validation_score,
  m.test_score,
  m.hyperparameters,
  m.status,
  m.deployed_at,
  m.retired_at,
  m.created_at,
  m.updated_at,
  m.created_by
from public.ml_models as m
where :name::text is null or m.name = :name
order by m.name, m.created_at desc, m.model_id desc
limit :limit;

/* The deployed version of a model; nothing when none is deployed. */
/* @name deployed */
select
  m.model_id,
  m.name,
  m.version,
  m.model_type,
  m.model_path,
  m.model_hash,
  m.features_used,
  m.hyperparameters,
  m.deployed_at as "deployed_at!"
from public.ml_models as m
where m.name = :name!
  and m.status = 'deployed';

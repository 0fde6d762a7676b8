--! Previous: sha1:09d5473f6d1545684d2305e93a2f66e823c51be0
--! Hash: sha1:c72f9721600bf9b8bfd7cd687e95059ae11ebc1b
--! Message: enums

/*
 * The vocabularies that code switches on. Words that only people read (severity, regime) are checked text, because a
 * check constraint is easier to extend than an enum.
 */

create type public.data_type_enum as enum (
  'ohlcv', 'simple', 'calculated', 'social', 'onchain', 'macro', 'derivative', 'stablecoin', 'etf', 'defi'
);
comment on type public.data_type_enum is
  'Kind of a series. ohlcv rows carry open, high, low, close and volume; every other kind carries value.';

create type public.plugin_status_enum as enum ('active', 'inactive', 'deprecated', 'testing');
comment on type public.plugin_status_enum is 'Life cycle of a data source.';

create type public.market_enum as enum ('US', 'CRYPTO', 'FOREX', 'COMMODITIES');
comment on type public.market_enum is 'Market whose calendar a source follows.';

create type public.anomaly_type_enum as enum (
  'outlier_4sigma', 'outlier_6sigma', 'missing_data', 'late_data', 'corrupt_data', 'duplicate'
);
comment on type public.anomaly_type_enum is 'What is unusual about a row or a period.';

create type public.audit_action_enum as enum ('INSERT', 'UPDATE', 'DELETE', 'CORRECTION');
comment on type public.audit_action_enum is 'What was done to a row. A CORRECTION is an update made with a reason.';

/** Endpoints generated from the annotations above the queries. Their shape is that of Endpoint. */
import type { Endpoint } from '../src/endpoint.js';
import * as series from './series.queries.js';
import * as sources from './sources.queries.js';

export type * from '../src/endpoint.js';

export const endpoints: readonly Endpoint[] = [
  {
    name: "series.range",
    query: series.range,
    prose: "One page of :limit rows from :from (included) to :to (excluded), oldest first. For the next page pass the\ntimestamp of the last row as :after; a page that is not full is the last one.",
    http: { method: "GET", path: "/api/sources/{source}/rows" },
    graphql: null,
    metrics: [],
    cache: null,
    parameters: [
      { name: "source_id", type: "integer", values: null, isRequired: true, in: "path", placeholder: "source", description: "" },
      { name: "from", type: "timestamp with time zone", values: null, isRequired: true, in: "query", placeholder: null, description: "One page of :limit rows from :from (included) to :to (excluded), oldest first." },
      { name: "to", type: "timestamp with time zone", values: null, isRequired: true, in: "query", placeholder: null, description: "One page of :limit rows from :from (included) to :to (excluded), oldest first." },
      { name: "after", type: "timestamp with time zone", values: null, isRequired: false, in: "query", placeholder: null, description: "For the next page pass the timestamp of the last row as :after; a page that is not full is the last one." },
      { name: "limit", type: "bigint", values: null, isRequired: true, in: "query", placeholder: null, description: "One page of :limit rows from :from (included) to :to (excluded), oldest first." },
    ],
    columns: [
      { name: "timestamp", type: "timestamp with time zone", values: null, isNullable: false, comment: "Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999." },
      { name: "open", type: "numeric", values: null, isNullable: true, comment: "First price of the interval." },
      { name: "high", type: "numeric", values: null, isNullable: true, comment: "Highest price of the interval." },
      { name: "low", type: "numeric", values: null, isNullable: true, comment: "Lowest price of the interval." },
      { name: "close", type: "numeric", values: null, isNullable: true, comment: "Last price of the interval." },
      { name: "volume", type: "numeric", values: null, isNullable: true, comment: "Traded volume of the interval, in units of the base asset." },
      { name: "value", type: "numeric", values: null, isNullable: true, comment: "The observation of a series that is not ohlcv." },
      { name: "quality_score", type: "smallint", values: null, isNullable: false, comment: "0 to 100, computed by the database; what a client supplies is overwritten." },
      { name: "is_anomaly", type: "boolean", values: null, isNullable: false, comment: "More than 4 sigma away from the 200 rows before it. Computed." },
      { name: "is_validated", type: "boolean", values: null, isNullable: false, comment: "False when a rule of severity ERROR is violated. Computed." },
    ],
    answer: "rows",
    bound: { parameter: "limit" },
    next: [
      { parameter: "after", column: "timestamp" },
    ],
  },
  {
    name: "sources.byName",
    query: sources.byName,
    prose: "One source by its machine name; nothing when there is none.",
    http: { method: "GET", path: "/api/sources/{source}" },
    graphql: { type: "Query", field: "source", returns: "Source", isList: false, parent: [] },
    metrics: [],
    cache: null,
    parameters: [
      { name: "name", type: "text", values: null, isRequired: true, in: "path", placeholder: "source", description: "" },
    ],
    columns: [
      { name: "source_id", type: "integer", values: null, isNullable: false, comment: "Key of the source." },
      { name: "name", type: "text", values: null, isNullable: false, comment: "Unique machine name: lower-case letters, digits, underscores. Also the name of its import file." },
      { name: "display_name", type: "text", values: null, isNullable: false, comment: "Name for people." },
      { name: "category", type: "text", values: null, isNullable: false, comment: "Free grouping for menus, for example price, oscillator, macro." },
      { name: "data_type", type: "data_type_enum", values: ["ohlcv", "simple", "calculated", "social", "onchain", "macro", "derivative", "stablecoin", "etf", "defi"], isNullable: false, comment: "Kind of the series; decides which columns a complete row has and which rules apply." },
      { name: "api_endpoint", type: "text", values: null, isNullable: true, comment: "Address that the data comes from." },
      { name: "api_provider", type: "text", values: null, isNullable: true, comment: "Who runs that address." },
      { name: "requires_auth", type: "boolean", values: null, isNullable: false, comment: "Whether the address wants credentials." },
      { name: "update_frequency", type: "interval", values: null, isNullable: false, comment: "Distance between two rows. Timeliness, freshness and gaps are measured by it." },
      { name: "last_successful_update", type: "timestamp with time zone", values: null, isNullable: true, comment: "When rows last arrived. Kept by the pipeline." },
      { name: "next_scheduled_update", type: "timestamp with time zone", values: null, isNullable: true, comment: "last_successful_update + update_frequency. Kept by the pipeline." },
      { name: "status", type: "plugin_status_enum", values: ["active", "inactive", "deprecated", "testing"], isNullable: false, comment: "Life cycle: active, inactive, deprecated or testing." },
      { name: "market_type", type: "market_enum", values: ["US", "CRYPTO", "FOREX", "COMMODITIES"], isNullable: false, comment: "Market whose trading days the series follows." },
      { name: "metadata", type: "jsonb", values: null, isNullable: false, comment: "Anything else, as a JSON object." },
      { name: "created_at", type: "timestamp with time zone", values: null, isNullable: false, comment: "When the source was registered." },
      { name: "updated_at", type: "timestamp with time zone", values: null, isNullable: false, comment: "When the registration last changed." },
      { name: "created_by", type: "text", values: null, isNullable: false, comment: "Who registered it." },
    ],
    answer: "row",
    bound: "one",
    next: [],
  },
];

-- Readers know views in this schema alone; which generation of tables is behind them changes under their feet.
create schema if not exists read;

-- One row per generation of a read model. The row is its checkpoint as well: whoever advances a generation locks the
-- row first and moves `position` in the transaction that writes the tables. Without that lock an event would be
-- applied twice or not at all (tests/integration/projector-exactly-once.test.ts, "two projectors").
create table desk.projections (
  name text not null,
  generation integer not null,
  version integer not null,
  schema_name text not null unique,
  stage text not null check (stage in ('building', 'live', 'retired')),
  position bigint not null default 0,
  -- Set when an event could not be applied: the generation stands still until an operator skips it or the projector restarts.
  failed_position bigint,
  error text,
  failed_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (name, generation)
) with (fillfactor = 50);

create unique index on desk.projections (name) where stage = 'live';

-- Events that an operator told a version of a projection to leave out; rebuilds and verification leave them out too.
create table desk.projection_skips (
  name text not null,
  version integer not null,
  position bigint not null,
  error text not null,
  at timestamptz not null default now(),
  primary key (name, version, position)
);

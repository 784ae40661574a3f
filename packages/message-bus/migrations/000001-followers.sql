-- How far each consumer of the log is. `epoch` grows with every change of the process that consumes: the one before can
-- then no longer move the position, even if it has not noticed yet (tests/contract/message-bus.ts, "takes over").
create table desk.followers (
  name text primary key,
  position bigint not null default 0,
  epoch bigint not null default 1,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);

-- Events that a consumer gave up on; the event itself stays in the log.
create table desk.dead_letters (
  consumer text not null,
  event_id uuid not null,
  position bigint not null,
  stream text not null,
  version integer not null,
  type text not null,
  error text not null,
  attempts integer not null,
  at timestamptz not null default now(),
  replay_requested boolean not null default false,
  primary key (consumer, event_id)
);

create index on desk.dead_letters (at, event_id);
create index on desk.dead_letters (consumer) where replay_requested;

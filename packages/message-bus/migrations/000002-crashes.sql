-- Who consumes; empty when nobody does. Whoever finds another one there knows that it ended without saying so.
alter table desk.followers add column holder uuid;
-- After such an end the events up to here are handled one at a time, and counted (packages/message-bus/crash-guard.ts).
alter table desk.followers add column careful_until bigint not null default 0;

-- Events that were being handled when a process vanished, with how often; replays of dead letters count anew.
create table desk.suspects (
  consumer text not null,
  event_id uuid not null,
  replayed boolean not null,
  crashes integer not null,
  primary key (consumer, event_id, replayed)
);

-- Who has a ticket open. Worth nothing after half a minute, so it is neither logged nor backed up.
create unlogged table desk.presence (
  ticket_id uuid not null,
  person_id uuid not null,
  state text not null,
  until timestamptz not null,
  primary key (ticket_id, person_id)
);
create index on desk.presence (until);

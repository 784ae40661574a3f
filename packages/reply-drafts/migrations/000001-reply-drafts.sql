-- Replies that are not written to the end. Logged and backed up, unlike presence: they are work that somebody has done.
create table desk.reply_drafts (
  ticket_id uuid not null,
  person_id uuid not null,
  visibility text not null,
  text text not null,
  html text,
  version integer,
  kept_at timestamptz not null,
  primary key (ticket_id, person_id)
);
create index on desk.reply_drafts (kept_at);

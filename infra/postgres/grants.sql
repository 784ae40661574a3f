-- Opens the tables of the desk to the roles of roles.sql. Run by desk_owner after `desk migrate`, and again after each
-- upgrade; running it twice changes nothing. The schema `log` stays empty when the event log is in EventStoreDB.

\set ON_ERROR_STOP on
begin;

grant usage on schema desk to desk_log_reader, desk_read_models;
grant usage on schema log to desk_log_reader;
grant usage on schema read to desk_read_models;
grant usage, create on schema read to desk_projector;

-- Every service looks whether the tables are of its version, and how far the read models are.
grant select on desk.migrations, desk.projections, desk.ticket_numbers to desk_log_reader, desk_read_models;

-- A number for a new ticket; relations brings the splitting of one to its end.
grant usage on sequence desk.ticket_numbers to desk_command_api, desk_email_ingest, desk_relations;

-- Places of consumers, and what they gave up on.
grant select, insert, update on desk.followers to desk_follower;
grant select, insert, update, delete on desk.dead_letters, desk.suspects to desk_follower;
grant select on desk.followers, desk.dead_letters to desk_read_models, desk_projector;

-- Who has which ticket open: said to command-api, asked of query-api.
grant select, insert, update, delete on desk.presence to desk_command_api;
grant select on desk.presence to desk_query_api;

-- Unfinished replies: kept by command-api, asked of query-api.
grant select, insert, update, delete on desk.reply_drafts to desk_command_api;
grant select on desk.reply_drafts to desk_query_api;

-- Read models: the registry, and through the views whatever generation is live. The tables behind are the projector's.
grant select, insert, update, delete on desk.projections, desk.projection_skips to desk_projector;

-- The log: to append is all that can be done to it, by its function, which keeps positions and versions in order and
-- runs with the rights of its owner. No other role can write, change or remove an event by a statement of its own.
select text from (values
  ('grant select on log.events, log.head to desk_log_reader'),
  ('alter function log.append security definer set search_path = pg_catalog, pg_temp'),
  ('revoke execute on all functions in schema log from public'),
  ('grant execute on function log.append to desk_log_writer')
) as statements (text)
where to_regclass('log.events') is not null
\gexec

commit;

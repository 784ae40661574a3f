-- Roles of a desk whose services run as processes of their own, each with no more rights than its work needs.
-- Run once per database by a superuser (or a role that may create roles), connected to the desk's database; running it
-- again changes nothing. It sets no passwords: a role can log in only once it was given one (infra/postgres/login.sh,
-- `\password` in psql, or a certificate of your own authority).
--
-- Then: `desk migrate` as desk_owner makes the tables, and grants.sql as desk_owner opens them to the others. Both again
-- after each upgrade, before services of the new version start. desk_owner runs nothing else.

\set ON_ERROR_STOP on
begin;

select format('create role %I %s', name, attributes)
from (values
  -- What may be done.
  ('desk_log_reader',   'nologin'), -- read events
  ('desk_log_writer',   'nologin'), -- append events; nobody may change or remove one
  ('desk_read_models',  'nologin'), -- read the read models
  ('desk_follower',     'nologin'), -- keep the place of a consumer, and its dead letters
  -- Who does it: the one who makes tables, and one role per service.
  ('desk_owner',        'nologin'),
  ('desk_command_api',  'nologin'),
  ('desk_query_api',    'nologin'),
  ('desk_projector',    'nologin'),
  ('desk_email_ingest', 'nologin'),
  ('desk_routing',      'nologin'),
  ('desk_relations',    'nologin'),
  ('desk_bulk',         'nologin'),
  ('desk_notification', 'nologin'),
  ('desk_sla_timer',    'nologin'),
  ('desk_relay',        'nologin'),
  ('desk_grafana',      'nologin')
) as wanted (name, attributes)
where not exists (select from pg_roles where rolname = name)
\gexec

grant desk_log_reader to desk_command_api, desk_query_api, desk_projector, desk_email_ingest, desk_routing, desk_relations, desk_bulk,
  desk_notification, desk_sla_timer, desk_relay;
grant desk_log_writer to desk_command_api, desk_email_ingest, desk_routing, desk_relations, desk_bulk, desk_notification, desk_sla_timer;
grant desk_read_models to desk_command_api, desk_query_api, desk_email_ingest, desk_routing, desk_relations, desk_bulk, desk_notification,
  desk_sla_timer, desk_grafana;
-- `desk token`, run by whoever runs `desk migrate`, asks whether somebody has the address already.
grant desk_read_models to desk_owner;
grant desk_follower to desk_email_ingest, desk_routing, desk_relations, desk_bulk, desk_notification, desk_relay;

-- The public schema is nobody's business here, and neither is this database other users'.
revoke all on schema public from public;
select format('revoke all on database %I from public', current_database()) \gexec
select format('grant connect on database %I to desk_owner, desk_log_reader, desk_read_models', current_database()) \gexec
-- The projector makes a schema for each generation of a read model.
select format('grant create on database %I to desk_owner, desk_projector', current_database()) \gexec

create schema if not exists desk authorization desk_owner;
create schema if not exists log authorization desk_owner;
create schema if not exists read authorization desk_owner;

-- Views that the projector makes, today and after a rebuild, are readable at once.
alter default privileges for role desk_projector in schema read grant select on tables to desk_read_models;

-- The desk asks for these by itself too; here they hold for people with psql as well.
alter role desk_grafana set default_transaction_read_only = on;
alter role desk_grafana set statement_timeout = '10s';
alter role desk_query_api set default_transaction_read_only = on;

commit;

-- The event log. Invariant: positions are gapless and in the order of commits, so that a reader may keep one number
-- as its place and never misses an event. log.head carries it: its one row is the counter AND the lock that every
-- append holds from reading it to its commit. Take positions from a sequence instead, or write to log.events without
-- that lock, and readers lose events: tests/property/event-log.test.ts.

create schema if not exists log;

create table log.head (
  singleton boolean primary key default true check (singleton),
  position bigint not null
) with (fillfactor = 10); -- Room on the page for new versions of the row, so that no append has to touch its index.
insert into log.head (position) values (0);

create table log.events (
  position bigint primary key,
  stream text collate "C" not null,
  version integer not null check (version > 0),
  id uuid not null,
  type text collate "C" not null,
  data json not null, -- json, not jsonb: the text that was hashed is kept as it is, and storing it is cheaper.
  metadata json not null
);
create unique index events_by_stream on log.events (stream, version);
-- Recognises events that are written already. Not unique: the same id in another stream is no duplicate.
create index events_by_id on log.events (id);
-- Lets followers of rare kinds of streams (setting-, person-) skip the millions of ticket events between theirs.
create index events_by_category on log.events (split_part(stream, '-', 1), position);

-- Group commit: many appends in one call, each accepted or refused by itself. A request is one append, and a stream is
-- in a call at most once (the caller's duty: two would both see the version from before the call).
--
--   streams, expected, firsts, lasts       per request: stream, version it must have, numbers of its first and last event
--   requests, ids, types, data, metadata   per event: number of its request, and what is stored
--
-- Numbers count from 1. Lists of text are joined by U+001F, which JSON text cannot hold: several times cheaper on both
-- sides than text[].
--
-- Answers one row per request, in order: accepted with the position of its last event; or refused with the version that
-- the stream has, and with the position of its last event if just these events are in place since an earlier call.
create function log.append(
  streams text, expected integer[], firsts integer[], lasts integer[],
  requests integer[], ids uuid[], types text, data text, metadata text
) returns table (accepted boolean, actual integer, last_position bigint)
language plpgsql
set enable_seqscan = off -- A plan made while the table was small must not scan it when it is large.
set plan_cache_mode = force_generic_plan -- Else every call plans anew, at several times the cost of running it.
as $$
#variable_conflict use_column
declare
  separator constant text := E'\x1f';
  stream_of constant text[] := string_to_array(streams, separator);
  events constant integer := cardinality(ids);
  start bigint; -- Position before the first event of this call.
  verdicts boolean[];
  actuals integer[];
  last_positions bigint[];
  written integer;
begin
  -- Takes the lock, and the positions for all events; those of refused ones are given back below.
  update log.head set position = position + events returning position - events into start;

  -- A statement of its own: its snapshot must be younger than the lock, or it would miss the append it waited for.
  select
    array_agg(coalesce((select e.version from log.events e where e.stream = r.stream order by e.version desc limit 1), 0) order by r.number),
    array_agg(start + r.last order by r.number)
  into actuals, last_positions
  from unnest(stream_of, lasts) with ordinality as r (stream, last, number);

  if actuals = expected and not exists (select from log.events where id = any (ids)) then
    verdicts := array_fill(true, array[cardinality(expected)]);
  else
    select
      array_agg(verdict.accepted order by verdict.number),
      array_agg(
        case
          when verdict.accepted then verdict.last_position - verdict.refused
          else (
            select max(e.position)
            from log.events e
            where e.stream = verdict.stream
              and e.version between verdict.expected + 1 and verdict.expected + verdict.size
              and e.id = ids[verdict.first + e.version - verdict.expected - 1]
            having count(*) = verdict.size
          )
        end
        order by verdict.number
      )
    into verdicts, last_positions
    from (
      select
        request.*,
        -- Events refused before this request: what is accepted moves up.
        coalesce(sum(request.size) filter (where not request.accepted) over (order by request.number), 0) as refused
      from (
        select
          r.*,
          r.last - r.first + 1 as size,
          r.actual = r.expected and not exists (
            -- In the stream already, but not at the version it is now wanted at: it must not get in twice.
            select from log.events e where e.id = any (ids[r.first : r.last]) and e.stream = r.stream
          ) as accepted
        from unnest(stream_of, expected, actuals, firsts, lasts, last_positions) with ordinality
          as r (stream, expected, actual, first, last, last_position, number)
        offset 0 -- Keeps the planner from evaluating the verdict once per mention.
      ) as request
    ) as verdict;
  end if;

  insert into log.events (position, stream, version, id, type, data, metadata)
  select
    last_positions[event.request] - lasts[event.request] + event.number,
    stream_of[event.request],
    expected[event.request] - firsts[event.request] + event.number + 1,
    event.id, event.type, event.data::json, event.metadata::json
  from unnest(requests, ids, string_to_array(types, separator), string_to_array(data, separator), string_to_array(metadata, separator))
    with ordinality as event (request, id, type, data, metadata, number)
  where verdicts[event.request];
  get diagnostics written = row_count;

  if written < events then
    update log.head set position = start + written;
  end if;
  if written > 0 then
    perform pg_notify('log_head', '');
  end if;

  return query select * from unnest(verdicts, actuals, last_positions);
end
$$;

type AnyData = { readonly type: string; readonly data: unknown };
type AnyEvent = Recorded<AnyData>;

/** An event of the log as deciders see it; a stored event fits. */
export type Recorded<Event> = Event & {
  /** 1-based place in its stream. */
  readonly version: number;
  readonly metadata: { readonly at: string };
};

/**
 * One consistency boundary as three pure functions (the decider of Jérémie Chassaing). Facts are what the decision
 * needs and the stream does not hold: the time, settings, who is a member of what.
 *
 * One reading of the clock per decision: where facts have `now`, every event decided is stored with
 * `metadata.at = toTimestamp(facts.now)`, all in one append and in the order given.
 */
export type Decider<State, Command, Event extends AnyData, Facts> = {
  initial(): State;
  /** Total: never throws, and ignores types it does not know (an older process may read newer events). */
  evolve(state: State, event: Recorded<Event>): State;
  /** The events that the command causes; none when there is nothing to do. Throws AppError to refuse. */
  decide(command: Command, state: State, facts: Facts): readonly Event[];
};

/** The state that a stream's events add up to. Takes events as the store gives them. */
export function fold<State, Event extends AnyData>(
  decider: Pick<Decider<State, never, Event, never>, 'initial' | 'evolve'>,
  events: Iterable<AnyEvent>,
): State {
  let state = decider.initial();
  // A stream may hold types this decider does not know; evolve promises to ignore them.
  for (const event of events) state = decider.evolve(state, event as Recorded<Event>);
  return state;
}

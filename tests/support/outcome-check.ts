import { isClockEvent, outcomes } from '#packages/domain/outcomes.ts';

const allowed = new Map<string, readonly string[]>(Object.values(outcomes).flatMap((table) => Object.entries(table)));

/** Throws when a command led to an event that the table of outcomes, and so docs/domain.md, does not know of. */
export function checkOutcome(command: unknown, events: readonly { readonly type: string }[]): void {
  const name = (command as { readonly type?: unknown } | null)?.type;
  const types = typeof name === 'string' ? allowed.get(name) : undefined;
  if (types === undefined) return;
  const surprise = events.find(({ type }) => !types.includes(type) && !isClockEvent(type));
  if (surprise) throw new Error(`${name} led to ${surprise.type}, which packages/domain/outcomes.ts does not say`);
}

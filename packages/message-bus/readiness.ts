import type { Consumption, ConsumptionState } from './port.ts';

/** What may be said in public about a part of a process: whether it works or stands by, and a line about it. */
export type PartReadiness = { readonly ready: boolean; readonly detail: string };

const worstFirst: readonly ConsumptionState[] = ['failing', 'beginning', 'standing by', 'serving'];

const words: Readonly<Record<ConsumptionState, PartReadiness>> = {
  serving: { ready: true, detail: 'at work' },
  'standing by': { ready: true, detail: 'standing by, another process is at work' },
  beginning: { ready: false, detail: 'has not begun yet' },
  failing: { ready: false, detail: 'begins again after a failure; the log says why' },
};

const partly: PartReadiness = { ready: true, detail: 'at work in part, another process does the rest' };

/** Several consumers are as ready as the one that is worst off; which process serves which is left to chance. */
export function consumersReadiness(consumptions: readonly Pick<Consumption, 'state'>[]): PartReadiness {
  const states = new Set(consumptions.map((each) => each.state()));
  if (states.size === 2 && states.has('serving') && states.has('standing by')) return partly;
  return words[worstFirst.find((state) => states.has(state)) ?? 'beginning'];
}

/** The state of consumers for the front page: `running` while they are at work. */
export function consumersState(consumptions: readonly Pick<Consumption, 'state'>[], running: string): string {
  const readiness = consumersReadiness(consumptions);
  return readiness === words.serving || readiness === partly ? running : readiness.detail;
}

import type { Metric } from '#contracts/api/reports.ts';

const setAside = ' Merged tickets and spam do not count.';

/** What each figure of the KPI report counts, in words. The report gives these texts beside its figures. */
export const definitions: Readonly<Record<Metric, string>> = {
  'first-response-time':
    'AFRT. Tickets whose first public answer of a person on the agents’ side fell into the period; time from the ' +
    'creation of the ticket to that answer. Auto-replies and internal notes are no answers.' +
    setAside,
  'resolution-time':
    'Tickets that were last resolved (or closed unresolved) in the period and have not been reopened since; time from ' +
    'the creation of the ticket to then, waiting included.' +
    setAside,
  'first-response-breaches':
    'FRTR. Tickets created in the period whose first-response clock ran out, whether they were answered later or not.' +
    setAside,
  'next-response-breaches': `Tickets created in the period on which a next-response clock ever ran out.${setAside}`,
  'resolution-breaches': `ARTR. Tickets created in the period whose resolution clock ever ran out.${setAside}`,
  overdue:
    'NTB. Tickets of the backlog on which a running SLA clock is past its due time at this moment. Paused clocks do not count.',
  backlog: 'Tickets that are neither resolved nor closed, nor merged or spam, at this moment.',
  created: 'Tickets created in the period, whatever became of them; by the group they reached first.',
};

export const daysDefinition =
  'By UTC day. created: tickets created that day, by the group they reached first. resolved: how often a ticket was ' +
  'resolved, or closed without that, that day; one that is reopened and resolved again counts again. backlog: tickets ' +
  'neither resolved nor closed at the end of the day, nor by then merged or spam; for one group, those it had then. All other figures of one group ' +
  'are of the tickets that it has now.';

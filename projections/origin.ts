import type { StoredEvent } from '#packages/event-store/port.ts';

/** Columns that tell which event last touched a row. */
export const originColumns = { version: 'integer not null', position: 'bigint not null' } as const;

export const originOf = ({ version, position }: StoredEvent) => ({ version, position });

/** When the event happened. */
export const timeOf = ({ metadata }: StoredEvent): Date => new Date(metadata.at);

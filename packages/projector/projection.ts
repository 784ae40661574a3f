import type { DeskEvent, EventType } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';

export type AnyRow = Readonly<Record<string, unknown>>;

/** A table of a read model as the generic loading and writing of rows sees it. */
export type AnyTable = {
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** SQL type and constraints by column. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns that the database computes from the others, for queries alone: folds neither see nor write them. */
  readonly generated?: Readonly<Record<string, string>>;
  /** What follows `create index on <table>`. */
  readonly indexes: readonly string[];
};

declare const rowType: unique symbol;

/** A table whose columns the compiler holds against the type of its rows. */
export type Table<Row, Key extends keyof Row & string> = AnyTable & {
  readonly key: readonly Key[];
  readonly columns: { readonly [Column in keyof Row & string]: string };
  /** Carries the row type to the fold; there is no such value. */
  readonly [rowType]?: Row;
};

export type Tables = Readonly<Record<string, AnyTable>>;
export type RowOf<T> = T extends { readonly [rowType]?: infer Row } ? NonNullable<Row> : never;
type KeyOf<T> = T extends { readonly key: readonly (infer Key)[] } ? Pick<RowOf<T>, Key & keyof RowOf<T>> : never;

/** The rows of one table that a batch works on. */
export type RowSet<Row, Key> = {
  /** The row, or undefined when the table has none. */
  get(key: Key): Readonly<Row> | undefined;
  put(row: Row): void;
  /** Changes some columns; does nothing when there is no such row, which is so when its first event was skipped. */
  patch(key: Key, changes: Partial<Row>): void;
  delete(key: Key): void;
};

/** What fold works on, by table. */
export type RowsOf<T extends Tables> = { readonly [N in keyof T]: RowSet<RowOf<T[N]>, KeyOf<T[N]>> };
/** An event of the log of one of these types. */
export type StoredOf<E extends EventType> = StoredEvent<Extract<DeskEvent, { type: E }>>;

/**
 * A read model: a pure fold of events into rows. No side effects, no clock, no randomness, nothing but the event and
 * the rows, so that a rebuild gives the same rows and a batch can be folded twice (see foldBatch). `version` goes up
 * with every change of tables or fold.
 */
export type Projection<E extends EventType, T extends Tables> = {
  readonly name: string;
  readonly version: number;
  readonly tables: T;
  readonly handles: readonly E[];
  fold(event: StoredOf<E>, rows: RowsOf<T>): void;
};

/** A projection as the projector runs it. */
export type AnyProjection = {
  readonly name: string;
  readonly version: number;
  readonly tables: Tables;
  readonly handles: readonly EventType[];
  fold(event: StoredEvent, rows: unknown): void;
};

/** Infers the types of a projection from its tables and the events it handles. */
export const defineProjection = <const E extends EventType, T extends Tables>(
  projection: Projection<E, T>,
): Projection<E, T> & AnyProjection => projection as Projection<E, T> & AnyProjection;

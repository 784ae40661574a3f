import type { Readable } from 'node:stream';

/** What a stored file is known by: the SHA-256 of its content in hex, and its length in bytes. */
export type StoredBlob = { readonly sha256: string; readonly size: number };

export type PutOptions = {
  /** Refuse content longer than this, in bytes; the limit of the store applies as well. */
  readonly maxBytes?: number;
};

/**
 * Immutable files by content. The same content put twice is one file; nothing is ever overwritten or renamed,
 * so an id in the event log stays valid for as long as the file exists.
 */
export type BlobStore = {
  /**
   * Stores content durably: it resolves only when a power cut could no longer lose the file.
   * Errors of the given stream are passed on as they are, and nothing of it is kept.
   * @throws AppError PAYLOAD_TOO_LARGE, BLOB_STORE_UNAVAILABLE
   */
  put(content: Buffer | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredBlob>;
  /** The content as a stream of bytes. @throws AppError BLOB_NOT_FOUND, BLOB_STORE_UNAVAILABLE */
  get(sha256: string): Promise<Readable>;
  /** The content in memory. @throws AppError BLOB_NOT_FOUND, PAYLOAD_TOO_LARGE, BLOB_STORE_UNAVAILABLE */
  read(sha256: string, maxBytes?: number): Promise<Buffer>;
  /** @throws AppError BLOB_STORE_UNAVAILABLE */
  has(sha256: string): Promise<boolean>;
  /** Rejects when the place of the files is gone or cannot be written. @throws AppError BLOB_STORE_UNAVAILABLE */
  check(): Promise<void>;
};

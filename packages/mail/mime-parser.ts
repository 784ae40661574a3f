import { Transform, type TransformCallback } from 'node:stream';
import { MailParser } from 'mailparser';
import { decodeText } from './charset.ts';

/** A part of the message as mailparser keeps it; only what is read here. */
export type MimeNode = {
  contentType: string | false;
  disposition?: string;
  isAttachment?: boolean;
  charset?: string;
  textContent?: string;
  /** `format=flowed`, still to be decoded, and its parameter `delsp`. */
  flowed?: { readonly delSp: boolean };
  children: MimeNode[];
  parent?: MimeNode;
};
type SplitNode = {
  filename: string | false;
  headers: { hasHeader(name: string): boolean };
  flowed: boolean;
  readonly delSp: boolean;
};
type TextDecoding = { decodeStream(charset: string): Transform };

// The two places where mailparser decides what a part is and how its text is decoded are methods of its class but not of
// its types. The version is pinned, and `tests/unit/mail/parse.test.ts` fails when they move.
declare module 'mailparser' {
  interface MailParser {
    readonly tree: MimeNode | false;
    createNode(node: SplitNode): MimeNode;
    getDecoder(): TextDecoding;
  }
}

/** Put before the label of a charset so that mailparser asks us about those, too, that it thinks need no decoding. */
const labelPrefix = 'desk-';
const maxHeaderBytes = 4 * 1024 * 1024;

const isText = (node: MimeNode): boolean => node.contentType === 'text/plain' || node.contentType === 'text/html';

/**
 * mailparser, with rules of its own: text is decoded by `decodeText`, a text part that is named counts as a file unless
 * it comes first (RFC 8621 4.1.4), parts of a digest are messages (RFC 2046 5.1.5), and attached messages stay whole.
 */
export class MimeParser extends MailParser {
  constructor() {
    const splitter = { ignoreEmbedded: true, maxHeadSize: maxHeaderBytes };
    super({ ...splitter, keepDeliveryStatus: true, skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
  }

  createNode(source: SplitNode): MimeNode {
    const node = super.createNode(source);
    if (node.parent?.contentType === 'multipart/digest' && !source.headers.hasHeader('content-type')) {
      node.contentType = 'message/rfc822';
      node.disposition = 'attachment';
      node.isAttachment = true;
    }
    if (isText(node) && !node.isAttachment) {
      const first = node.parent === undefined || node.parent.children[0] === node;
      if (!first && (source.filename || node.parent?.contentType === 'multipart/related')) {
        node.isAttachment = true;
        node.disposition = 'attachment';
      }
      node.charset = labelPrefix + (node.charset ?? '');
      if (source.flowed) node.flowed = { delSp: source.delSp };
      source.flowed = false;
    }
    return node;
  }

  getDecoder(): TextDecoding {
    return { decodeStream: (charset) => new WholeTextDecoder(charset.slice(labelPrefix.length)) };
  }
}

/** Holds back all bytes to the end, because what charset they are in can only be told from the whole. */
class WholeTextDecoder extends Transform {
  readonly #label: string;
  readonly #chunks: Buffer[] = [];

  constructor(label: string) {
    super();
    this.#label = label;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#chunks.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    done(null, decodeText(Buffer.concat(this.#chunks), this.#label));
  }
}

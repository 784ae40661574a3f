import type { Writable } from 'node:stream';

/** Tells the demo step by step. Lines are plain text, so that they read the same in a terminal and in a file. */
export function createNarrator(stdout: Writable) {
  let number = 0;
  return {
    step(title: string): void {
      number += 1;
      stdout.write(`\n${number}. ${title}\n`);
    },
    fact(name: string, value: string | number): void {
      stdout.write(`   ${name.padEnd(14)} ${value}\n`);
    },
    line(text: string): void {
      stdout.write(`   ${text}\n`);
    },
  };
}

export type Narrator = ReturnType<typeof createNarrator>;

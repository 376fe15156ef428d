// A transport that expects exactly the commands of a script and answers as the script says; a
// command that differs is named field by field, and commands that never came fail `done()`.

import { assert, AssertionError } from "@std/assert";
import type { Command, Completion, Transport } from "../../src/transport/transport.ts";

/** The fields of a command that a script may name; those left out are not compared. */
export type Expected = Partial<
  Pick<
    Command,
    | "queue"
    | "opcode"
    | "flags"
    | "nsid"
    | "cdw2"
    | "cdw3"
    | "cdw10"
    | "cdw11"
    | "cdw12"
    | "cdw13"
    | "cdw14"
    | "cdw15"
    | "direction"
    | "timeoutMs"
    | "slow"
  >
>;

/** One command that is expected, and what it is answered with. */
export interface Exchange {
  readonly expect: Expected & {
    /** Bytes of the data buffer, compared where given. */
    readonly length?: number;
    /** What the data buffer must hold, for data that goes out. */
    readonly sent?: Uint8Array;
  };
  /** What is put into the data buffer: its beginning, where shorter. */
  readonly data?: Uint8Array;
  readonly status?: number;
  readonly result?: bigint;
  /** What the transport rejects with, in place of a completion. */
  readonly error?: Error;
}

/** A scripted transport, with the commands that it got. */
export interface Scripted extends Transport {
  readonly commands: readonly Command[];
  /** Throws unless every command of the script has come. */
  done(): void;
}

/** A transport that answers from `script`, in its order. */
export function scriptedTransport(
  script: readonly Exchange[],
  { target = "/dev/nvme9", nsid }: { target?: string; nsid?: number } = {},
): Scripted {
  const commands: Command[] = [];
  return {
    kind: "scripted",
    target,
    ...(nsid === undefined ? {} : { nsid }),
    commands,
    allocate(length) {
      const memory = new Uint8Array(Math.max(1, Math.ceil(length / 4096)) * 4096);
      return { bytes: memory.subarray(0, length), [Symbol.dispose]: () => {} };
    },
    submit(command): Promise<Completion> {
      const exchange = script[commands.length];
      commands.push(command);
      try {
        assert(exchange, `command ${commands.length} was not expected: ${shown(command)}`);
        compare(exchange, command, commands.length);
      } catch (error) {
        return Promise.reject(error);
      }
      if (exchange.error) return Promise.reject(exchange.error);
      if (exchange.data) {
        command.data?.bytes.set(exchange.data.subarray(0, command.data.bytes.length));
      }
      return Promise.resolve({ status: exchange.status ?? 0, result: exchange.result ?? 0n });
    },
    done() {
      const left = script.slice(commands.length).map(({ expect }) => shown(expect));
      assert(left.length === 0, `commands that never came: ${left.join("; ")}`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function compare({ expect }: Exchange, command: Command, number: number): void {
  const { length, sent, ...fields } = expect;
  const differences: string[] = [];
  const differ = (name: string, found: unknown, wanted: unknown): void => {
    if (found !== wanted) differences.push(`${name} is ${show(found)}, need ${show(wanted)}`);
  };
  for (const [name, wanted] of Object.entries(fields)) {
    const found = command[name as keyof Command];
    differ(name, found ?? (typeof wanted === "number" ? 0 : undefined), wanted);
  }
  if (length !== undefined) differ("data length", command.data?.bytes.length ?? 0, length);
  if (sent) differ("data", command.data?.bytes.join(), sent.join());
  if (differences.length > 0) {
    throw new AssertionError(`command ${number}: ${differences.join(", ")}`);
  }
}

function show(value: unknown): string {
  return typeof value === "number" ? `0x${value.toString(16)}` : String(value);
}

function shown(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => typeof value !== "object")
    .map(([name, value]) => `${name}=${show(value)}`).join(" ");
}

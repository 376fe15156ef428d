// A virtual drive on the bench: its clock in hand, its commands in one line each.

import { assertEquals } from "@std/assert";
import {
  directTransport,
  type Personality,
  preset,
  presetNames,
  VirtualDrive,
} from "../../src/drive/mod.ts";
import { decodeStatus, formatStatusCode } from "../../src/spec/status/status.ts";
import { type ErrorEntry, ErrorLog } from "../../src/spec/log/error.ts";
import type { Command, Transport } from "../../src/transport/transport.ts";

/** The time on the drive's clock when it is switched on. */
export const START = 1_700_000_000_000;

/** A command, with its data as plain bytes. */
export interface BenchCommand extends Partial<Omit<Command, "data" | "metadata" | "queue">> {
  /** Bytes to send. */
  readonly out?: Uint8Array;
  readonly outMetadata?: Uint8Array;
  /** Bytes to make room for. */
  readonly length?: number;
  readonly metadataLength?: number;
}

/** What came back. */
export interface Answer {
  /** `00h/02h` */
  readonly status: string;
  readonly field: number;
  readonly dw0: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** The preset of a name; fails for one that does not exist. */
export function personality(name: string): Personality {
  const found = preset(name);
  if (!found) throw new Error(`Cannot find preset ${name}: need one of ${presetNames()}`);
  return found;
}

/** A drive, a transport to it and a clock that stands still unless it is moved. */
export class Bench {
  time = START;
  readonly drive: VirtualDrive;
  readonly transport: Transport;
  #timers: { readonly at: number; readonly action: () => void }[] = [];

  /** @param after timers other than those that `advance` runs */
  constructor(kind: string | Personality = "", seed = 1, after?: VirtualDrive["after"]) {
    this.drive = new VirtualDrive({
      personality: typeof kind === "string" ? personality(kind) : kind,
      now: () => this.time,
      seed,
      after: after ?? ((ms, action) => {
        const timer = { at: this.time + ms, action };
        this.#timers.push(timer);
        return () => this.#timers = this.#timers.filter((other) => other !== timer);
      }),
    });
    this.transport = directTransport(this.drive, "virtual:");
  }

  /** Moves the clock; what was to happen until then happens. */
  advance(ms: number): void {
    this.time += ms;
    const due = this.#timers.filter(({ at }) => at <= this.time);
    this.#timers = this.#timers.filter(({ at }) => at > this.time);
    for (const { action } of due.toSorted((one, other) => one.at - other.at)) action();
  }

  admin(opcode: number, command: BenchCommand = {}): Promise<Answer> {
    return this.#submit("admin", opcode, command);
  }

  io(opcode: number, command: BenchCommand = {}): Promise<Answer> {
    return this.#submit("io", opcode, command);
  }

  identify(cns: number, command: BenchCommand = {}): Promise<Answer> {
    const { cdw10 = 0, ...rest } = command;
    return this.admin(0x06, { length: 4096, cdw10: (cns | cdw10) >>> 0, ...rest });
  }

  /** Reads a log page from its start. */
  log(lid: number, length: number, command: BenchCommand = {}): Promise<Answer> {
    const numd = length / 4 - 1;
    return this.admin(0x02, {
      length,
      nsid: 0xffffffff,
      cdw10: ((numd << 16) | lid) >>> 0,
      ...command,
    });
  }

  /** The newest entry of the error log. */
  async lastError(): Promise<ErrorEntry> {
    const { data } = await this.log(0x01, 64);
    const [entry] = ErrorLog.decode(data);
    if (!entry) throw new Error("Cannot read the error log: no entry");
    return entry;
  }

  /**
   * Sends a command that has to fail so, and finds the newest error log entry to name that byte and
   * bit of the command.
   */
  async refuses(
    queue: Command["queue"],
    opcode: number,
    command: BenchCommand,
    expected: { readonly status: string; readonly byte?: number; readonly bit?: number },
  ): Promise<void> {
    const label = `${queue} ${opcode.toString(16)}h ${JSON.stringify(command)}`;
    const answer = await this.#submit(queue, opcode, command);
    assertEquals(answer.status, expected.status, label);
    if (expected.byte === undefined) return;
    const { parameterErrorLocation: { byte, bit } } = await this.lastError();
    assertEquals({ byte, bit }, { byte: expected.byte, bit: expected.bit ?? 0 }, label);
  }

  async #submit(queue: Command["queue"], opcode: number, command: BenchCommand): Promise<Answer> {
    const { out, outMetadata, length = out?.length ?? 0, metadataLength, ...rest } = command;
    using data = this.transport.allocate(length);
    using metadata = this.transport.allocate(metadataLength ?? outMetadata?.length ?? 0);
    if (out) data.bytes.set(out);
    if (outMetadata) metadata.bytes.set(outMetadata);
    const { status, result } = await this.transport.submit({
      queue,
      opcode,
      ...rest,
      data,
      metadata,
    });
    return {
      status: formatStatusCode(decodeStatus(status)),
      field: status,
      dw0: Number(result & 0xffffffffn),
      data: data.bytes,
      metadata: metadata.bytes,
    };
  }
}

/** Success, as `Answer.status` has it. */
export const OK = "00h/00h";
export const INVALID_OPCODE = "00h/01h";
export const INVALID_FIELD = "00h/02h";
export const INVALID_NAMESPACE = "00h/0Bh";

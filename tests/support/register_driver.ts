// A small driver that polls: brings a drive up through its Backing alone, makes queues, moves data
// through PRPs. It believes nothing that it can check.

import { assert, assertEquals } from "@std/assert";
import { SubmissionEntry } from "../../src/spec/command.ts";
import { CompletionEntry } from "../../src/spec/completion.ts";
import {
  AQA,
  CAP,
  CC,
  CSTS,
  doorbellOffset,
  REGISTER_GONE,
  REGISTERS,
} from "../../src/spec/registers.ts";
import { decodeStatus, formatStatusCode } from "../../src/spec/status/status.ts";
import type { Backing, DmaMemory } from "../../src/transport/polled/backing.ts";

const PAGE = 4096;
const LIST_ENTRIES = PAGE / 8;
const COMMAND_AT = 0x04;
const MEMORY_AND_BUS_MASTER = 0x0006;

/** What of a command a test gives. */
export type Entry = Partial<Parameters<typeof SubmissionEntry.encode>[0]>;

/** A completion, its status spelled: `00h/00h`. */
export interface Completion extends Omit<ReturnType<typeof CompletionEntry.decode>, "status"> {
  readonly status: string;
  readonly field: number;
}

/** A submission queue and its completion queue, as the host sees them. */
export class HostQueue {
  tail = 0;
  head = 0;
  phase = true;
  #cid = 0;
  readonly #sqBell: number;
  readonly #cqBell: number;

  constructor(
    readonly backing: Backing,
    readonly qid: number,
    readonly entries: number,
    readonly sq: DmaMemory,
    readonly cq: DmaMemory,
    dstrd: number,
  ) {
    this.#sqBell = doorbellOffset({ queue: "submission", qid }, dstrd);
    this.#cqBell = doorbellOffset({ queue: "completion", qid }, dstrd);
  }

  /** Writes an entry without ringing; its command identifier comes back. */
  put(entry: Entry): number {
    const cid = entry.cid ?? (this.#cid = (this.#cid + 1) % 0xffff);
    this.sq.bytes.set(SubmissionEntry.encode({ ...entry, cid }), this.tail * 64);
    this.tail = (this.tail + 1) % this.entries;
    return cid;
  }

  ring(): void {
    this.backing.bar0.write32(this.#sqBell, this.tail);
  }

  /** What has come, in its order; acknowledged with one doorbell unless told otherwise. */
  poll({ acknowledge = true } = {}): Completion[] {
    const found: Completion[] = [];
    for (;;) {
      const at = this.head * 16;
      const entry = CompletionEntry.decode(this.cq.bytes.slice(at, at + 16));
      if (entry.status.phase !== this.phase || found.length >= this.entries) break;
      const { status: { status: field }, ...rest } = entry;
      found.push({ ...rest, field, status: formatStatusCode(decodeStatus(field)) });
      this.head = (this.head + 1) % this.entries;
      if (this.head === 0) this.phase = !this.phase;
    }
    if (acknowledge && found.length > 0) this.acknowledge();
    return found;
  }

  acknowledge(): void {
    this.backing.bar0.write32(this.#cqBell, this.head);
  }

  /** One command from entry to completion. */
  execute(entry: Entry): Completion {
    const cid = this.put(entry);
    this.ring();
    const found = this.poll();
    assertEquals(found.length, 1, `one completion for ${JSON.stringify(entry.opcode)}`);
    const [completion] = found;
    assert(completion);
    assertEquals([completion.cid, completion.sqid], [cid, this.qid]);
    assertEquals(completion.sqhd, this.tail);
    return completion;
  }
}

/** A drive that has been brought up. */
export class RegisterDriver {
  readonly #dstrd: number;

  private constructor(readonly backing: Backing, readonly admin: HostQueue, dstrd: number) {
    this.#dstrd = dstrd;
  }

  /** Brings the drive up [BASE-2.1 §3.5.1]; `wait` lets time pass while it is not ready. */
  static open(
    backing: Backing,
    { entries = 32, mps = 0, wait = (): void => {} } = {},
  ): RegisterDriver {
    const { config, bar0, dma } = backing;
    config.write(COMMAND_AT, 2, config.read(COMMAND_AT, 2) | MEMORY_AND_BUS_MASTER);
    assert(bar0.read32(REGISTERS.CSTS.offset) !== REGISTER_GONE);
    const { mqes, dstrd } = CAP.parse(bar0.read64(REGISTERS.CAP.offset));
    assert(entries <= mqes + 1);
    bar0.write32(REGISTERS.CC.offset, 0);
    assertEquals(CSTS.parse(bar0.read32(REGISTERS.CSTS.offset)).rdy, false);
    const sq = dma.allocate(entries * 64);
    const cq = dma.allocate(entries * 16);
    bar0.write32(REGISTERS.AQA.offset, AQA.compose({ asqs: entries - 1, acqs: entries - 1 }));
    bar0.write64(REGISTERS.ASQ.offset, sq.iova);
    // In halves, as some drivers do.
    bar0.write32(REGISTERS.ACQ.offset + 4, Number(cq.iova >> 32n));
    bar0.write32(REGISTERS.ACQ.offset, Number(cq.iova & 0xffffffffn));
    bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true, mps, iosqes: 6, iocqes: 4 }));
    for (let tries = 0; tries < 100; tries++) {
      const { rdy, cfs } = CSTS.parse(bar0.read32(REGISTERS.CSTS.offset));
      assert(!cfs, "the controller failed");
      if (rdy) {
        return new RegisterDriver(
          backing,
          new HostQueue(backing, 0, entries, sq, cq, dstrd),
          dstrd,
        );
      }
      wait();
    }
    throw new Error("Cannot bring the drive up: it never became ready");
  }

  /** Creates a pair of I/O queues of one identifier. */
  createQueue(
    qid: number,
    entries: number,
    { vector = 0, interrupts = false } = {},
  ): HostQueue {
    const { dma } = this.backing;
    const sq = dma.allocate(entries * 64);
    const cq = dma.allocate(entries * 16);
    const size = (((entries - 1) << 16) | qid) >>> 0;
    const cdw11 = ((vector << 16) | (interrupts ? 2 : 0) | 1) >>> 0;
    const first = this.admin.execute({ opcode: 0x05, prp1: cq.iova, cdw10: size, cdw11 });
    assertEquals(first.status, "00h/00h");
    const second = this.admin.execute({
      opcode: 0x01,
      prp1: sq.iova,
      cdw10: size,
      cdw11: ((qid << 16) | 1) >>> 0,
    });
    assertEquals(second.status, "00h/00h");
    return new HostQueue(this.backing, qid, entries, sq, cq, this.#dstrd);
  }

  /** The PRP entries of `length` bytes at `iova`, and the lists that they need. */
  prps(iova: bigint, length: number): {
    readonly prp1: bigint;
    readonly prp2: bigint;
    readonly lists: readonly DmaMemory[];
  } {
    const offset = Number(iova % BigInt(PAGE));
    const pages: bigint[] = [];
    for (let at = PAGE - offset; at < length; at += PAGE) pages.push(iova + BigInt(at));
    const [second = 0n] = pages;
    if (pages.length <= 1) return { prp1: iova, prp2: second, lists: [] };
    const lists: DmaMemory[] = [];
    for (let left = pages.length; left > 0; left -= LIST_ENTRIES - 1) {
      lists.push(this.backing.dma.allocate(PAGE));
      if (left <= LIST_ENTRIES) break;
    }
    let page = 0;
    for (const [at, list] of lists.entries()) {
      const view = new DataView(list.bytes.buffer, list.bytes.byteOffset);
      const next = lists[at + 1];
      const here = next ? LIST_ENTRIES - 1 : pages.length - page;
      for (let entry = 0; entry < here; entry++) {
        view.setBigUint64(8 * entry, pages[page++] ?? 0n, true);
      }
      if (next) view.setBigUint64(8 * (LIST_ENTRIES - 1), next.iova, true);
    }
    return { prp1: iova, prp2: lists[0]?.iova ?? 0n, lists };
  }

  /** Reads or writes blocks of 512 bytes; `iova` is where the data is. */
  transfer(
    queue: HostQueue,
    kind: "read" | "write",
    { iova, bytes, slba }: { readonly iova: bigint; readonly bytes: number; readonly slba: number },
  ): Completion {
    const { prp1, prp2, lists } = this.prps(iova, bytes);
    const completion = queue.execute({
      opcode: kind === "read" ? 0x02 : 0x01,
      nsid: 1,
      prp1,
      prp2,
      cdw10: slba,
      cdw12: bytes / 512 - 1,
    });
    for (const list of lists) list[Symbol.dispose]();
    return completion;
  }
}

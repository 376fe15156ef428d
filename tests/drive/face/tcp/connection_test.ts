// The connection's state machine: what begins it, what ends it, and what cannot shake it.

import { assert, assertEquals } from "@std/assert";
import {
  C2HTermReq,
  FATAL_ERROR,
  H2CTermReq,
  ICReq,
  pdu,
  PDU_TYPE,
} from "../../../../src/tcp/pdu.ts";
import { termReq } from "../../../../src/tcp/pdu_writer.ts";
import { SubmissionEntry } from "../../../../src/spec/command.ts";
import { nextRandom } from "../../../../src/drive/random.ts";
import { TcpHost } from "../../../support/tcp_host.ts";
import { TcpBench } from "./bench.ts";

const BLOCK = 512;

Deno.test("ICResp has the digests asked for, no alignment, and a fair MAXH2CDATA", () => {
  for (const headerDigest of [false, true]) {
    for (const dataDigest of [false, true]) {
      const host = new TcpBench().dial();
      host.initialize({ headerDigest, dataDigest });
      assertEquals(host.types, [PDU_TYPE.icResp]);
      assertEquals(host.maxh2cdata, 131_072);
      assertEquals(host.fes, undefined);
    }
  }
});

Deno.test("data goes both ways with every combination of digests and alignments", async () => {
  for (const headerDigest of [false, true]) {
    for (const dataDigest of [false, true]) {
      for (const alignment of [4, 8, 64, 128]) {
        const bench = new TcpBench();
        const terms = { headerDigest, dataDigest, alignment };
        const admin = await bench.host(terms);
        const io = await bench.ioQueue(admin, { terms });
        const out = pattern(200 * BLOCK, 3);
        const written = await io.submit({ opcode: 1, nsid: 1, cdw12: 199, out });
        assertEquals(written.status, "00h/00h");
        const read = await io.submit({ opcode: 2, nsid: 1, cdw12: 199, length: out.length });
        assertEquals(read.status, "00h/00h");
        assertEquals(read.data, out);
        assertEquals(io.badData, 0);
      }
    }
  }
});

Deno.test("a format version or alignment that is not there ends the connection with a reason", () => {
  const [version, alignment] = [new TcpBench().dial(), new TcpBench().dial()];
  version.initialize({ pfv: 1 });
  assertEquals([version.fes, version.fei], [FATAL_ERROR.unsupportedParameter, 8]);
  alignment.initialize({ alignment: 132 });
  assertEquals([alignment.fes, alignment.fei], [FATAL_ERROR.unsupportedParameter, 10]);
});

Deno.test("PDUs out of their order end the connection with PDU Sequence Error", () => {
  const early = new TcpBench().dial();
  early.send(early.writer.capsuleCmd(SubmissionEntry.encode({ opcode: 0x7f })));
  assertEquals(early.fes, FATAL_ERROR.sequence);

  const twice = new TcpBench().dial();
  twice.initialize();
  twice.send(pdu(PDU_TYPE.icReq, ICReq, { pfv: 0, hpda: 0, maxr2t: 0 }));
  assertEquals(twice.fes, FATAL_ERROR.sequence);
});

Deno.test("a wrong header digest is fatal, a wrong data digest fails its command only", async () => {
  const bench = new TcpBench();
  const terms = { headerDigest: true, dataDigest: true };
  const admin = await bench.host(terms);
  const io = await bench.ioQueue(admin, { terms });
  const sqe = SubmissionEntry.encode({
    opcode: 1,
    flags: 0x40,
    cid: 9,
    nsid: 1,
    prp2: 0x01n << 56n | BigInt(BLOCK),
  });
  const answer = new Promise<number>((resolve) => {
    io.pending.set(9, {
      out: undefined,
      buffer: new Uint8Array(0),
      received: 0,
      resolve: ({ field }) => resolve(field),
    });
  });
  io.send(io.writer.capsuleCmd(sqe, pattern(BLOCK, 1), { corrupt: "data-digest" }));
  assertEquals(await answer & 0x7ff, 0x022);
  assertEquals(io.fes, undefined);
  const read = await io.submit({ opcode: 2, nsid: 1, length: BLOCK });
  assertEquals(read.data, new Uint8Array(BLOCK), "nothing of it was written");

  io.send(io.writer.capsuleCmd(sqe, pattern(BLOCK, 1), { corrupt: "header-digest" }));
  assertEquals(io.fes, FATAL_ERROR.headerDigest);
});

Deno.test("damaged data of an R2T fails the command with Transient Transport Error", async () => {
  const bench = new TcpBench();
  const terms = { dataDigest: true };
  const admin = await bench.host(terms);
  const io = await bench.ioQueue(admin, { terms });
  const out = pattern(40 * BLOCK, 5);
  io.onR2T = ({ cccid, ttag, r2tl }) => {
    const data = out.subarray(0, r2tl);
    const fields = { cccid, ttag, datao: 0, last: true };
    io.send(io.writer.h2cData(fields, data, { corrupt: "data-digest" }));
  };
  const { status } = await io.submit({ opcode: 1, nsid: 1, cdw12: 39, out });
  assertEquals(status, "00h/22h");
  assertEquals(io.fes, undefined);
});

Deno.test("H2CTermReq ends the connection without an answer", () => {
  const host = new TcpBench().dial();
  host.initialize();
  host.send(termReq("host", { fes: 1, fei: 2, header: new Uint8Array(8) }));
  assertEquals(host.socket.ended, "closed");
  assertEquals(host.fes, undefined);
  assertEquals(H2CTermReq.size, 24);
});

Deno.test("a terminated connection is closed when its host does not close it", () => {
  const bench = new TcpBench({}, { terminateMs: 500 });
  const host = bench.dial();
  host.send(Uint8Array.from({ length: 128 }, () => 0xff));
  assert(host.fes !== undefined);
  assertEquals(host.socket.ended, undefined);
  // Whatever still comes is thrown away.
  host.send(new Uint8Array(1000));
  assertEquals(host.connection.hungry, true);
  bench.advance(600);
  assertEquals(host.socket.ended, "reset");
  assertEquals(bench.target.connections.size, 0);
});

Deno.test("a host that says nothing, or does not connect, is not waited for", () => {
  const bench = new TcpBench();
  const [silent, idle] = [bench.dial(), bench.dial()];
  idle.initialize();
  bench.advance(6_000);
  assertEquals([silent.socket.ended, idle.socket.ended], ["reset", undefined]);
  bench.advance(6_000);
  assertEquals(idle.socket.ended, "reset");
  assertEquals(bench.timers, 0);
});

Deno.test("a host that does not read stops being served until it reads again", async () => {
  const bench = new TcpBench({}, { outgoingBytes: 100_000 });
  const io = await bench.ioQueue(await bench.host());
  io.socket.stopped = true;
  const pieces: Uint8Array[] = [];
  const send = io.send.bind(io);
  io.send = (bytes) => void pieces.push(bytes);
  const answers = Array.from(
    { length: 20 },
    () => io.submit({ opcode: 2, nsid: 1, cdw12: 63, length: 64 * BLOCK }),
  );
  send(joined(pieces));
  // After what fits nothing more is begun.
  assertEquals(io.connection.hungry, false);
  assert(io.socket.buffered < 200_000);
  io.socket.stopped = false;
  io.socket.release();
  while (!io.connection.hungry) io.connection.drained();
  for (const { status } of await Promise.all(answers)) assertEquals(status, "00h/00h");
});

Deno.test("answers to commands of one piece go out in one write", async () => {
  const bench = new TcpBench();
  const io = await bench.ioQueue(await bench.host());
  io.socket.writes.length = 0;
  await io.submit({ opcode: 2, nsid: 1, length: BLOCK });
  assertEquals(io.socket.writes, [3], "header, data, response");
});

Deno.test("bytes may come one at a time", async () => {
  const bench = new TcpBench();
  const host = bench.dial();
  const send = host.send.bind(host);
  host.send = (bytes) => {
    for (const byte of bytes) send(Uint8Array.of(byte));
  };
  await host.start(bench.nqn, { headerDigest: true, dataDigest: true });
  const { status } = await host.submit({ opcode: 6, cdw10: 1, length: 4096 });
  assertEquals(status, "00h/00h");
});

Deno.test("200,000 pieces of garbage and of damaged dialogues throw nothing and keep nothing", async () => {
  const bench = new TcpBench();
  const random = { random: 7 };
  const dialogue = await record(bench);
  let sent = 0;
  for (let round = 0; sent < 200_000; round++) {
    const host = bench.dial();
    host.onR2T = () => {};
    const bytes = round % 3 === 0 ? garbage(random) : damaged(dialogue, random);
    for (let at = 0; at < bytes.length && !host.connection.isOver;) {
      const size = 1 + Math.floor(nextRandom(random) * 400);
      host.connection.receive(bytes.slice(at, at + size));
      at += size;
      sent++;
      while (!host.connection.hungry && !host.connection.isOver) host.connection.drained();
      assert(host.connection.kept < 4_000_000);
    }
    host.connection.closed();
    assertEquals(bench.target.connections.size, 0);
    assertEquals(bench.timers, 0);
  }
  // It still serves.
  const { status } = await (await bench.host()).submit({ opcode: 6, cdw10: 1, length: 4096 });
  assertEquals(status, "00h/00h");
});

/** What a host says that connects, identifies, sets features, and asks for what is not there. */
async function record(bench: TcpBench): Promise<Uint8Array> {
  const host = new TcpHost(bench.target);
  const pieces: Uint8Array[] = [];
  const send = host.send.bind(host);
  host.send = (bytes) => {
    pieces.push(bytes.slice());
    send(bytes);
  };
  await host.start(bench.nqn, {});
  await host.submit({ opcode: 6, cdw10: 1, length: 4096 });
  await host.submit({ opcode: 9, cdw10: 0x0e, out: new Uint8Array(8), inCapsule: 0 });
  await host.submit({ opcode: 2, nsid: 0xffffffff, cdw10: 0x007f0002, length: 512 });
  await host.property(0, 8);
  host.connection.closed();
  return joined(pieces);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function garbage(random: { random: number }): Uint8Array {
  return Uint8Array.from(
    { length: Math.floor(nextRandom(random) * 2000) },
    () => Math.floor(nextRandom(random) * 256),
  );
}

/** The dialogue with some bytes changed, or some of it left out. */
function damaged(dialogue: Uint8Array, random: { random: number }): Uint8Array {
  const bytes = dialogue.slice();
  for (let left = Math.floor(nextRandom(random) * 6); left >= 0; left--) {
    bytes[Math.floor(nextRandom(random) * bytes.length)] = Math.floor(nextRandom(random) * 256);
  }
  const cut = Math.floor(nextRandom(random) * 3 * bytes.length);
  return cut < bytes.length ? bytes.subarray(cut) : bytes;
}

/** Bytes that differ from block to block. */
function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 9) * 13 + seed) & 0xff);
}

Deno.test("a termination brings back the header at fault", () => {
  const host = new TcpBench().dial();
  let received: Uint8Array | undefined;
  host.socket.onBytes = (bytes) => received = bytes;
  const wrong = pdu(PDU_TYPE.icReq, ICReq, { pfv: 7, hpda: 0, maxr2t: 0 });
  host.send(wrong);
  assert(received);
  assertEquals(received.subarray(C2HTermReq.size), wrong);
});

// Live traces: who gets what, and what becomes of readers that are too slow.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UnreachableError, UsageError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/layout/mod.ts";
import type { Call } from "../../src/serve/control/server.ts";
import { TraceHub, type TraceHubOptions } from "../../src/serve/trace_hub.ts";
import { Bench } from "../drive/bench.ts";
import { readPackets } from "../trace/pcapng_reader.ts";

/** A caller that takes everything, unless `full`. */
class Caller {
  readonly items: JsonObject[] = [];
  readonly #gone = new AbortController();
  full = false;

  constructor(readonly params: JsonObject) {}

  call(): Call {
    return {
      params: this.params,
      signal: this.#gone.signal,
      send: (item) => {
        if (!this.full) this.items.push(item);
        return !this.full;
      },
    };
  }

  go(): void {
    this.#gone.abort();
  }

  /** The items, each as its text without index and time. */
  get lines(): readonly string[] {
    return this.items.map(({ line }) => String(line).replace(/^\[.*\] \S+ /, ""));
  }

  get capture(): Uint8Array {
    const parts = this.items.map(({ bytes }) => Uint8Array.fromBase64(String(bytes)));
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

function hubOn(bench: Bench, options: TraceHubOptions = {}): TraceHub {
  let now = 0n;
  return new TraceHub(bench.drive, { clock: () => now += 1000n, ...options });
}

Deno.test("readers get the same events, each in the form that it asked for", async () => {
  const bench = new Bench();
  const hub = hubOn(bench);
  const callers = [{}, { form: "ndjson" }, { form: "pcapng" }].map((params) => new Caller(params));
  const streams = callers.map((caller) => hub.stream(caller.call()));
  assertEquals(hub.readers, 3);
  await bench.identify(0x01);
  const [text, ndjson, pcapng] = callers;
  assert(text && ndjson && pcapng);
  assertEquals(text.lines, [
    "virtual: ADM SQ=0 CID=0001 OPC=Identify NSID=0 data=4096< CDW10=00000001",
    "virtual: CPL SQ=0 CID=0001 P=1 STS=0x0000 CDW0=0",
  ]);
  const events = ndjson.items.map(({ event }) => event as JsonObject);
  assertEquals(events.map(({ event, name }) => [event, name]), [
    ["command", "Identify"],
    ["completion", "Identify"],
  ]);
  assertEquals(readPackets(pcapng.capture).filter(({ comment }) => comment).length, 3);
  for (const caller of callers) caller.go();
  assertEquals(await Promise.all(streams), [
    { events: 2, lost: 0 },
    { events: 2, lost: 0 },
    { events: 2, lost: 0 },
  ]);
});

Deno.test("nobody watches the drive while nobody reads", async () => {
  const bench = new Bench();
  const hub = hubOn(bench);
  const { observers } = bench.drive.first.outstanding;
  assertEquals(observers.all, undefined);
  const [one, other] = [new Caller({}), new Caller({})];
  const streams = [hub.stream(one.call()), hub.stream(other.call())];
  assert(observers.all !== undefined);
  one.go();
  await streams[0];
  assert(observers.all !== undefined);
  other.go();
  await streams[1];
  assertEquals([observers.all, hub.readers], [undefined, 0]);
  await bench.identify(0x01);
  assertEquals([one.items, other.items], [[], []]);
});

Deno.test("a reader of lines that falls behind misses whole ones and is told how many", async () => {
  const bench = new Bench();
  const hub = hubOn(bench);
  const caller = new Caller({ form: "text" });
  const stream = hub.stream(caller.call());
  await bench.identify(0x01);
  caller.full = true;
  await bench.identify(0x01);
  await bench.identify(0x02);
  caller.full = false;
  await bench.identify(0x03);
  assertEquals(caller.lines.map((line) => line.replace(/^virtual: /, "").slice(0, 20)), [
    "ADM SQ=0 CID=0001 OP",
    "CPL SQ=0 CID=0001 P=",
    "4 events lost: the r",
    "ADM SQ=0 CID=0004 OP",
    "CPL SQ=0 CID=0004 P=",
  ]);
  caller.go();
  assertEquals(await stream, { events: 4, lost: 4 });
});

Deno.test("a reader is told of its loss although nothing else happens", async () => {
  const bench = new Bench();
  const hub = hubOn(bench, { tellAfterMs: 1 });
  const caller = new Caller({ form: "ndjson" });
  const stream = hub.stream(caller.call());
  caller.full = true;
  await bench.identify(0x01);
  caller.full = false;
  while (caller.items.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(caller.items, [
    { event: { schema: "nvmectl.trace/1", event: "lost", events: 2 } },
  ]);
  caller.go();
  await stream;
});

Deno.test("a reader of a capture that falls behind is ended; what it has is whole", async () => {
  const bench = new Bench();
  const hub = hubOn(bench);
  const caller = new Caller({ form: "pcapng" });
  const ended = assertRejects(() => hub.stream(caller.call()), UnreachableError, "keep up");
  await bench.identify(0x01);
  const packets = readPackets(caller.capture).length;
  caller.full = true;
  await bench.identify(0x01);
  caller.full = false;
  await bench.identify(0x01);
  await ended;
  assertEquals(readPackets(caller.capture).length, packets);
  assertEquals(hub.readers, 0);
});

Deno.test("more data than a line can hold is left out of the JSON, with a note", async () => {
  const bench = new Bench();
  const hub = hubOn(bench);
  const caller = new Caller({ form: "ndjson" });
  const stream = hub.stream(caller.call());
  const length = 2 * 1024 * 1024;
  bench.drive.taps.attach(
    "nvme:admin:decode",
    () => ({ kind: "claim", data: new Uint8Array(length) }),
  );
  await bench.admin(0xc2, { direction: "in", length });
  const { event } = caller.items.at(-1) ?? {};
  const { data, notes } = event as JsonObject;
  assertEquals(data, "");
  assertMatch(JSON.stringify(notes), /2097152 bytes of data left out/);
  caller.go();
  await stream;
});

Deno.test("a form that there is not is refused", async () => {
  const hub = hubOn(new Bench());
  await assertRejects(() => hub.stream(new Caller({ form: "xml" }).call()), UsageError, "pcapng");
});

Deno.test("a caller who has gone already gets nothing", async () => {
  const bench = new Bench();
  const hub = hubOn(bench);
  const caller = new Caller({});
  caller.go();
  assertEquals(await hub.stream(caller.call()), { events: 0, lost: 0 });
  assertEquals(hub.readers, 0);
});

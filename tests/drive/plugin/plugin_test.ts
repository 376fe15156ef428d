// Tests of the plug-ins of a drive: how they come and go.

import { assertEquals, assertThrows } from "@std/assert";
import { Bench, OK } from "../bench.ts";

Deno.test("A plug-in that is loaded at once is at work when that returns", () => {
  const { plugins, taps } = new Bench().drive;
  plugins.loadAtOnce({ setup: (own) => own.attach("nvme:io:decode", () => undefined) }, {
    name: "quick",
    seed: 1,
  });
  assertEquals([plugins.loaded.map(({ name }) => name), taps.armed["nvme:io:decode"]?.length], [
    ["quick"],
    1,
  ]);
});

Deno.test("A plug-in whose setup waits or throws is not loaded at once, and leaves nothing", () => {
  const { plugins, taps } = new Bench().drive;
  const load = (setup: () => void | Promise<void>): void =>
    plugins.loadAtOnce({
      setup(own) {
        own.attach("nvme:io:decode", () => undefined);
        return setup();
      },
    }, { name: "bad", seed: 1 });
  assertThrows(() => load(() => Promise.resolve()), RangeError, "its setup waits");
  assertThrows(
    () =>
      load(() => {
        throw new TypeError("no");
      }),
    TypeError,
    "no",
  );
  assertEquals([plugins.loaded, taps.armed["nvme:io:decode"]], [[], undefined]);
});

Deno.test("Strikes of a plug-in count what went another way because of it", async () => {
  const bench = new Bench();
  const { plugins, taps } = bench.drive;
  const strikes = (): readonly (number | undefined)[] => plugins.loaded.map((one) => one.strikes);
  plugins.loadAtOnce({
    setup(own) {
      own.attach("nvme:io:decode", (context) => {
        if (context.kind !== "command" || context.command.opcode !== 0x02) return undefined;
        const verdict = { kind: "claim" } as const;
        return context.command.cdw10 === 1 ? Promise.resolve(verdict) : verdict;
      });
      own.attach("nvme:media:write", () => ({ kind: "mutate", lba: 9 }));
    },
  }, { name: "striking", seed: 1 });
  plugins.loadAtOnce(
    { setup: (own) => own.attach("nvme:reset:event", () => undefined) },
    { name: "listening", seed: 1 },
  );
  assertEquals(strikes(), [0, undefined]);
  await bench.io(0x00, { nsid: 1 });
  assertEquals(strikes(), [0, undefined]);
  for (const lba of [0, 1]) await bench.io(0x02, { nsid: 1, cdw10: lba, length: 512 });
  assertEquals(strikes(), [2, undefined]);
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512) });
  await bench.io(0x00, { nsid: 1 });
  assertEquals(strikes(), [3, undefined]);
  assertEquals(taps.statistics.get("nvme:io:decode")?.verdicts, { claim: 2 });
});

Deno.test("A register that is given the value that it has is no strike", () => {
  const { plugins, first: { registers } } = new Bench().drive;
  const load = (name: string, bits: bigint): void =>
    plugins.loadAtOnce({
      setup: (own) =>
        own.attach("nvme:regread:writeback", (context) =>
          context.kind === "register"
            ? { kind: "mutate", value: context.value | bits }
            : undefined),
    }, { name, seed: 1 });
  load("vain", 0n);
  load("fatal", 2n);
  for (let time = 0; time < 3; time++) registers.read(0x1c, 4);
  assertEquals(plugins.loaded.map(({ strikes }) => strikes), [0, 3]);
});

Deno.test("A name that is taken is refused, and its owner stays", () => {
  const { plugins } = new Bench().drive;
  const plugin = { setup: () => {} };
  plugins.loadAtOnce(plugin, { name: "one", seed: 1 });
  assertThrows(() => plugins.loadAtOnce(plugin, { name: "one", seed: 2 }), RangeError, "at work");
  assertEquals(plugins.loaded.map(({ seed }) => seed), [1]);
});

Deno.test("What an earlier plug-in of the same name does wrong leaves the new one alone", async () => {
  const bench = new Bench();
  const { plugins, taps } = bench.drive;
  const load = (answer: () => Promise<undefined> | undefined): void =>
    plugins.loadAtOnce({ setup: (own) => own.attach("nvme:io:decode", answer) }, {
      name: "same",
      seed: 1,
    });
  load(() => new Promise(() => {}));
  const answer = bench.io(0x00, { nsid: 1 });
  plugins.unload("same");
  load(() => undefined);
  bench.advance(5000);
  assertEquals((await answer).status, OK);
  assertEquals([plugins.loaded.length, taps.armed["nvme:io:decode"]?.length, taps.reports], [
    1,
    1,
    [],
  ]);
});

Deno.test("Of a flood of messages some pass, and the rest is counted", () => {
  const bench = new Bench();
  const { plugins } = bench.drive;
  const said: string[] = [];
  plugins.onLog = (_name, message) => void said.push(message);
  let say: (message: string) => void = () => {};
  plugins.loadAtOnce({ setup: (own) => void (say = own.log) }, { name: "loud", seed: 1 });
  for (let at = 0; at < 50; at++) say(`${at}`);
  assertEquals([said.length, said.at(-1)], [20, "19"]);
  bench.advance(1000);
  assertEquals(said.at(-1), "30 messages left out");
  for (let at = 0; at < 21; at++) say("again");
  plugins.unload("loud");
  assertEquals([said.length, said.at(-1)], [42, "1 messages left out"]);
});

Deno.test("A plug-in can attach and wait a thousand times, and has room where it detached", () => {
  const { plugins, taps } = new Bench().drive;
  plugins.loadAtOnce({
    setup(own) {
      const attach = (): void => own.attach("nvme:io:decode", () => undefined);
      for (let at = 0; at < 1000; at++) attach();
      assertThrows(attach, RangeError, "Cannot attach: many has 1000 attachments already");
      own.detach("nvme:*:decode");
      attach();
      for (let at = 0; at < 1000; at++) own.after(5, () => {});
      assertThrows(() => own.after(5, () => {}), RangeError, "many has 1000 timers already");
    },
  }, { name: "many", seed: 1 });
  assertEquals(taps.armed["nvme:io:decode"]?.length, 1);
});

Deno.test("A plug-in whose timer throws goes, and is reported", () => {
  const bench = new Bench();
  const { plugins, taps } = bench.drive;
  plugins.loadAtOnce({
    setup: (own) =>
      void own.after(5, () => {
        throw Object.create(null);
      }),
  }, { name: "bad", seed: 1 });
  bench.advance(5);
  assertEquals([plugins.loaded, taps.reports], [[], [
    { plugin: "bad", message: "threw something that cannot be shown in a timer" },
  ]]);
});

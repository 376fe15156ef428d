// Tests of the plug-ins of a drive: how they come and go.

import { assertEquals, assertThrows } from "@std/assert";
import { Bench } from "../bench.ts";

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

Deno.test("A name that is taken is refused, and its owner stays", () => {
  const { plugins } = new Bench().drive;
  const plugin = { setup: () => {} };
  plugins.loadAtOnce(plugin, { name: "one", seed: 1 });
  assertThrows(() => plugins.loadAtOnce(plugin, { name: "one", seed: 2 }), RangeError, "at work");
  assertEquals(plugins.loaded.map(({ seed }) => seed), [1]);
});

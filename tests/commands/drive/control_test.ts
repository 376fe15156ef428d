// Tests of the verbs that serve a drive and speak to it: what they refuse, and what they show.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Control, DriveService } from "../../../src/cli/drive_service.ts";
import { renderBlocks } from "../../../src/cli/render.ts";
import { driveInject } from "../../../src/commands/drive/inject.ts";
import { drivePlugins } from "../../../src/commands/drive/plugins.ts";
import { drivePowercut } from "../../../src/commands/drive/powercut.ts";
import { driveServe } from "../../../src/commands/drive/serve.ts";
import { InterruptedError, UsageError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/layout/mod.ts";
import { runCommand } from "../../support/context.ts";

/** A served drive that answers everything alike and notes what it was asked. */
function served(answer: JsonObject): { readonly drives: DriveService; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const control = {
    call: (method: string, params?: JsonObject) => {
      asked.push([method, params]);
      return Promise.resolve(answer);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  } as unknown as Control;
  return { asked, drives: { control: () => Promise.resolve(control) } as unknown as DriveService };
}

Deno.test("drive powercut --cached says what becomes of cached blocks", async () => {
  const { drives, asked } = served({ lost_blocks: 3 });
  await runCommand(drivePowercut, [], { drives });
  await runCommand(drivePowercut, ["--cached", "partly-lost"], { drives });
  assertEquals(asked, [
    ["powercut", { cached: "lost" }],
    ["powercut", { cached: "partly-lost" }],
  ]);
  await assertRejects(
    () => runCommand(drivePowercut, ["--cached", "kept"], { drives }),
    UsageError,
  );
  assertEquals(asked.length, 2);
});

Deno.test("drive plugins shows times of scenarios in words", async () => {
  const plugins = [{ name: "latency", kind: "scenario", seed: 1, for: 7_200_000, count: 2 }];
  const { text } = await runCommand(drivePlugins, [], served({ plugins, reports: [] }));
  assertMatch(text, /for=2 h count=2/);
});

Deno.test("drive plugins shows how often each has struck, where it can", async () => {
  const plugins = [
    { name: "latency", kind: "scenario", seed: 1, strikes: 17, count: 20 },
    { name: "spare-drain", kind: "scenario", seed: 2, percent: 3 },
  ];
  const { text } = await runCommand(drivePlugins, [], served({ plugins, reports: [] }));
  assertMatch(text, /Seed +Strikes +Parameters/);
  assertMatch(text, /latency +scenario +1 +17 +count=20/);
  assertMatch(text, /spare-drain +scenario +2 +percent=3/);
});

Deno.test("drive inject suggests the scenario that was meant before it asks the drive", async () => {
  const { drives, asked } = served({});
  const { next } = await assertRejects(
    () => runCommand(driveInject, ["hangio"], { drives }),
    UsageError,
  );
  assertEquals(next, "Did you mean hang-io? nvmectl drive scenarios lists them");
  assertEquals(asked, []);
});

Deno.test("drive serve refuses a --subnqn that is no NQN", async () => {
  for (const nqn of ["foo", `nqn.${"x".repeat(220)}`]) {
    await assertRejects(
      () => runCommand(driveServe, ["--subnqn", nqn], served({})),
      UsageError,
      "it is no NQN",
    );
  }
});

Deno.test("drive serve shows an IPv6 address as --tcp takes it", async () => {
  const addresses = [{ host: "::1", port: 4420 }, { host: "127.0.0.1", port: 4421 }];
  const about = { drive: "virtual:", addresses, subnqn: "nqn.x", control: "/c.sock", seed: 1 };
  const drives = {
    serve: () => Promise.resolve({ about, stop: () => Promise.resolve() }),
  } as unknown as DriveService;
  const signal = AbortSignal.abort(new InterruptedError("Interrupted by SIGINT", 130));
  const { context } = await runCommand(driveServe, [], { drives, signal });
  const text = renderBlocks(context.emitted[0]?.blocks ?? [], { color: false, escape: true });
  assertMatch(text, /Listens on +\[::1\]:4420, 127\.0\.0\.1:4421/);
  assertMatch(text, /nvme connect -t tcp -a ::1 -s 4420/);
});

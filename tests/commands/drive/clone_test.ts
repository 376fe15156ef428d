// Tests of nvmectl drive clone: what it reads, makes and says.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { CreateRequest, DriveService } from "../../../src/cli/drive_service.ts";
import { driveClone } from "../../../src/commands/drive/clone.ts";
import type { Personality } from "../../../src/drive/mod.ts";
import { UsageError } from "../../../src/errors.ts";
import { type Ran, runCommand, virtualDrive } from "../../support/context.ts";

interface Cloned extends Ran {
  readonly request: CreateRequest;
  readonly personality: Personality;
}

async function clone(source: string, words: readonly string[]): Promise<Cloned> {
  const requests: CreateRequest[] = [];
  const ran = await runCommand(driveClone, [`virtual:${source}`, ...words], {
    others: { [`virtual:${source}`]: virtualDrive(source).transport },
    drives: {
      create: (request: CreateRequest) => Promise.resolve(void requests.push(request)),
    } as DriveService,
  });
  const [request] = requests;
  assert(request && "personality" in request.kind);
  return { ...ran, request, personality: request.kind.personality };
}

Deno.test("drive clone makes a drive of what the source says, and tells what is missing", async () => {
  const { personality, text, report, request } = await clone("failing", ["f.json"]);
  assertEquals(request.path, "f.json");
  assertEquals([personality.serial, personality.health.spare], ["VIRTUAL0004", 62]);
  assert(Object.keys(personality.recorded?.answers ?? {}).length > 100);
  assertMatch(text, /^Of +virtual:failing$/m);
  assertMatch(text, /Left out:\n.*Telemetry Host-Initiated/);
  assertMatch(text, /do not serve it to a host that has the source too/);
  assertEquals([report.json["source"], report.json["refused"]], ["virtual:failing", []]);
});

Deno.test("drive clone --telemetry leaves nothing out", async () => {
  const { personality, report } = await clone("", ["t.json", "--telemetry"]);
  assertEquals(report.json["left_out"], []);
  assert(personality.recorded?.answers["log 07"] !== undefined);
});

Deno.test("drive clone --anonymize gives new names, and no telemetry", async () => {
  const words = ["a.json", "--anonymize", "--telemetry"];
  const { personality, text, report } = await clone("", words);
  assertMatch(personality.serial, /^ANON[0-9A-F]{12}$/);
  assertEquals(personality.recorded?.answers["log 07"], undefined);
  assert(!JSON.stringify(personality).includes("VIRTUAL0001"));
  assertMatch(text, /Its names are new/);
  assertEquals(report.json["anonymized"], true);
});

Deno.test("drive clone --log reads pages that no list names", async () => {
  const { report } = await clone("", ["l.json", "--log", "0xc0", "--log", "200"]);
  assertEquals(report.json["refused"], ["log c0", "log c8"]);
});

Deno.test("drive clone reads nothing where the name is no drive file's", async () => {
  await assertRejects(() => clone("none", ["x.txt"]), Error);
  const bare = runCommand(driveClone, ["virtual:", "x.txt"]);
  await assertRejects(() => bare, UsageError, "ends in .json");
});

// Verbs that ask much of a drive, of one whose answers have bytes that do not belong there: each
// ends, and in an error that is known, never in a fault of nvmectl itself.

import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/commands/registry.ts";
import { NvmectlError } from "../../src/errors.ts";
import type { Command, Transport } from "../../src/transport/transport.ts";
import { runCommand, virtualDrive } from "../support/context.ts";

const ROUNDS = 12;
/** No verb sends so many to a drive of this size, unless it does not come to an end. */
const COMMANDS_MAX = 20_000;
const FILES = { "new.bin": new Uint8Array(65_536).fill(1) };
const PRESETS = ["", "multipath", "spacious", "namespaces"];
/** Invalid field, invalid namespace, internal error, invalid format, uncorrectable, sequence. */
const STATUSES = [0x02, 0x0b, 0x06, 0x10a, 0x281, 0x0c];
const BYTES = [0x00, 0x01, 0xff];

const LINES = [
  "health",
  "identify --namespace 1",
  "firmware",
  "firmware update new.bin",
  "firmware download new.bin",
  "firmware commit --slot 2 --action activate",
  "telemetry --controller --out t",
  "log ana --groups-only",
  "log lba-status",
  "log persistent-event",
  "log feature-effects",
  "lba-status",
  "lba-status --action scan --lba 5 --blocks 100",
  "namespace list",
  "namespace create --size 1GiB --attach",
  "namespace create --all --attach --controllers all --shared",
  "namespace delete --all",
  "namespace attach --namespace 1 --controllers all",
  "namespace detach --namespace 1",
  "sanitize",
  "sanitize --block --wait",
  "sanitize --exit-failure",
  "feature list",
  "feature set temperature-threshold --set tmpth=80C",
  "feature set host-behavior --set acre=1",
  "security receive --protocol 0",
  "security receive --protocol 1 --specific 1",
  "reset",
  "rescan",
];

/** Numbers below a bound, the same every time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** A virtual drive that answers with other bytes, statuses and results here and there. */
function lying(throwing: (below: number) => number): Transport {
  const { transport } = virtualDrive(PRESETS[throwing(PRESETS.length)]);
  const perMille = [0, 9, 30, 120][throwing(4)] ?? 0;
  let sent = 0;
  return {
    ...transport,
    async submit(command: Command) {
      assert(++sent < COMMANDS_MAX, "it does not come to an end");
      const { status, result } = await transport.submit(command);
      if (command.direction === "in") {
        command.data?.bytes.forEach((_, at, bytes) => {
          if (throwing(1000) < perMille) bytes[at] = BYTES[throwing(4)] ?? throwing(256);
        });
      }
      if (throwing(30) === 0) return { status: STATUSES[throwing(6)] ?? 0, result };
      return { status, result: throwing(5) === 0 ? BigInt(throwing(2 ** 24)) << 20n : result };
    },
  };
}

for (const line of LINES) {
  Deno.test(`nvmectl ${line}: what a lying drive answers is never a fault of nvmectl`, async () => {
    const words = line.split(" ");
    const name = [words.slice(0, 2).join(" "), `${words[0]}`].find((one) =>
      Object.hasOwn(COMMANDS, one)
    );
    assert(name);
    const verb = await COMMANDS[name]?.();
    assert(verb);
    const rest = words.slice(name.split(" ").length);
    for (let round = 0; round < ROUNDS; round++) {
      try {
        const drive = lying(dice(round * 7919 + line.length));
        await runCommand(verb, rest, { drive, files: FILES });
      } catch (error) {
        const first = error instanceof SuppressedError ? error.suppressed : error;
        if (!(first instanceof NvmectlError)) throw first;
        assertEquals(first.message.length > 0, true);
      }
    }
  });
}

// Tests of replayed drives: a clone answers as its source did, byte for byte, until something
// changes it.

import { assert, assertEquals } from "@std/assert";
import { recordDrive } from "../../../src/controller/clone.ts";
import { Drive } from "../../../src/controller/drive.ts";
import { type Personality, preset, presetNames } from "../../../src/drive/mod.ts";
import { personalityOf } from "../../../src/drive/recorded/personality.ts";
import { Bench, type BenchCommand, OK } from "../bench.ts";

const IDENTIFY = 0x06;
const GET_LOG_PAGE = 0x02;
const GET_FEATURES = 0x0a;

/** A clone of a drive of that kind, as everything that was written down of it. */
async function cloneOf(kind: string | Personality, telemetry = false): Promise<Personality> {
  const source = new Bench(kind);
  const drive = new Drive(source.transport);
  const { recording } = await recordDrive(drive, { telemetry, more: [] });
  return personalityOf(structuredClone(recording));
}

type Question = readonly [opcode: number, command: BenchCommand];

/** Every structure, for each kind of namespace identifier. */
function identifyQuestions(): readonly Question[] {
  const nsids = [0, 1, 2, 3, 4, 5, 9, 16, 77, 0xffffffff];
  const structures = [...Array.from({ length: 0x24 }, (_, cns) => cns), 0xc0];
  return structures.flatMap((cns) =>
    nsids.map((nsid) => [IDENTIFY, { nsid, cdw10: cns, length: 4096 }] as const)
  );
}

/** Every log page from its start and from a later place, but those that come out of the model. */
function logQuestions(without: readonly number[]): readonly Question[] {
  const lids = Array.from({ length: 256 }, (_, lid) => lid).filter((lid) => !without.includes(lid));
  return lids.flatMap((lid): readonly Question[] => [
    [GET_LOG_PAGE, { nsid: 0xffffffff, cdw10: 0x3ff_8000 << 0 | lid, length: 4096 }],
    [GET_LOG_PAGE, { nsid: 0, cdw10: 0xf_8000 | lid, cdw12: 64, length: 64 }],
  ]);
}

/** Every feature in each selection, and each temperature threshold. */
function featureQuestions(): readonly Question[] {
  const fids = Array.from({ length: 256 }, (_, fid) => fid);
  const plain = fids.flatMap((fid) =>
    [0, 1, 2, 3, 4].flatMap((select) =>
      [0, 1, 77].map((nsid) =>
        [GET_FEATURES, { nsid, cdw10: fid | select << 8, length: 4096 }] as const
      )
    )
  );
  const thresholds = [0, 1, 2, 3, 9].flatMap((sensor) =>
    [0, 1, 2].map((type) =>
      [GET_FEATURES, { cdw10: 4, cdw11: sensor << 16 | type << 20, length: 0 }] as const
    )
  );
  return [...plain, ...thresholds];
}

/** The events of the past stand in the page, whose header is of now. */
const PERSISTENT_EVENTS = 0x0d;

for (const name of presetNames()) {
  Deno.test(`a clone of virtual:${name} answers everything as it does, byte for byte`, async () => {
    const source = new Bench(name);
    const clone = new Bench(await cloneOf(name));
    const questions = [
      ...identifyQuestions(),
      ...logQuestions([PERSISTENT_EVENTS]),
      ...featureQuestions(),
    ];
    for (const [opcode, command] of questions) {
      const label = `${opcode.toString(16)}h ${JSON.stringify(command)}`;
      const expected = await source.admin(opcode, command);
      const found = await clone.admin(opcode, command);
      assertEquals(found.status, expected.status, label);
      assertEquals(found.dw0, expected.dw0, label);
      assertEquals(found.data.toHex(), expected.data.toHex(), label);
    }
    assert(preset(name) !== undefined && questions.length > 1000);
    assertEquals((await clone.identify(0x01)).status, OK);
  });
}

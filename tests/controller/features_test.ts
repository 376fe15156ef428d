// Get Features and Set Features as commands, field by field.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  featureCapabilities,
  featureTitle,
  getFeature,
  namedFeature,
  readFeature,
  setFeature,
} from "../../src/controller/features.ts";
import { StatusError, UsageError } from "../../src/errors.ts";
import { FEATURES } from "../../src/spec/feature/registry.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const INVALID_FIELD = 0x0002;

function scripted(...script: readonly Exchange[]) {
  const transport = scriptedTransport(script);
  return { transport, drive: new Drive(transport) };
}

function identified(ssfs: boolean): Exchange {
  return { expect: { opcode: 0x06 }, data: IdentifyController.encode({ oncs: { ssfs } }) };
}

/**
 * Bytes of data that Get Features transfers, by feature [BASE-2.1 §5.1.25] and [NVM-1.1 §4.1.3];
 * features that are not here answer with dword 0 alone.
 */
const DATA: Readonly<Record<number, number>> = {
  0x03: 4096,
  0x0c: 256,
  0x0d: 4096,
  0x0e: 8,
  0x13: 512,
  0x16: 512,
  0x1c: 4096,
  0x1f: 256,
  0x21: 512,
  0x78: 512,
  0x79: 512,
  0x7d: 4096,
  0x7e: 4096,
  0x7f: 4096,
  0x81: 8,
};

Deno.test("each feature is asked for by its number, with room for the data that it has", async () => {
  for (const { fid, name } of FEATURES) {
    const length = DATA[fid] ?? 0;
    const { transport, drive } = scripted({
      expect: {
        queue: "admin",
        opcode: 0x0a,
        nsid: 0,
        cdw10: fid,
        cdw11: 0,
        cdw14: 0,
        ...(length === 0 ? {} : { direction: "in" }),
        length,
      },
      result: 0x5_0000_0007n,
    });
    const { dword0, data } = await getFeature(drive, { fid });
    transport.done();
    assertEquals([name, dword0, data?.length ?? 0], [name, 7, length]);
  }
});

Deno.test("select is bits 10:8 of dword 10, the UUID index is in dword 14", async () => {
  const question = { fid: 0xc0, nsid: 3, cdw11: 0x1234, uuidIndex: 2, length: 64 };
  const selects = [["current", 0x0c0], ["default", 0x1c0], ["saved", 0x2c0]] as const;
  for (const [select, cdw10] of selects) {
    const { transport, drive } = scripted({
      expect: { nsid: 3, cdw10, cdw11: 0x1234, cdw14: 2, length: 64, direction: "in" },
    });
    await getFeature(drive, question, select);
    transport.done();
  }
});

Deno.test("the events of placement handles, and a host identifier of 128 bits, have their own lengths", async () => {
  const { transport, drive } = scripted(
    { expect: { cdw10: 0x1e, cdw11: 0x05_0001, length: 10 } },
    { expect: { cdw10: 0x81, cdw11: 1, length: 16 } },
  );
  await getFeature(drive, { fid: 0x1e, cdw11: 0x05_0001 });
  await getFeature(drive, { fid: 0x81, cdw11: 1 });
  transport.done();
});

Deno.test("capabilities are select 3, and come without data", async () => {
  const { transport, drive } = scripted(identified(true), {
    expect: { cdw10: 0x316, cdw11: 0, length: 0 },
    result: 0b101n,
  });
  const capabilities = await featureCapabilities(drive, { fid: 0x16 });
  transport.done();
  assertEquals(capabilities, {
    value: 5,
    saveable: true,
    nsSpecific: false,
    changeable: true,
  });
});

Deno.test("a drive without save and select is not asked for capabilities", async () => {
  const { transport, drive } = scripted(identified(false));
  assertEquals(await featureCapabilities(drive, { fid: 0x06 }), undefined);
  transport.done();
});

Deno.test("Set Features has the save bit at the top of dword 10, and the value behind it", async () => {
  const { transport, drive } = scripted(
    { expect: { opcode: 0x09, nsid: 0, cdw10: 0x8000_0004, cdw11: 0x15e, length: 0 } },
    {
      expect: {
        opcode: 0x09,
        nsid: 2,
        cdw10: 0x0d,
        cdw11: 1,
        cdw12: 2,
        cdw13: 3,
        cdw14: 4,
        cdw15: 5,
        direction: "out",
        sent: Uint8Array.of(9, 8, 7, 6),
      },
      result: 0x1_0000_00ffn,
    },
  );
  await setFeature(drive, { fid: 0x04, cdw11: 0x15e, save: true });
  const dword0 = await setFeature(drive, {
    fid: 0x0d,
    nsid: 2,
    cdw11: 1,
    cdw12: 2,
    cdw13: 3,
    cdw14: 4,
    cdw15: 5,
    data: Uint8Array.of(9, 8, 7, 6),
  });
  transport.done();
  assertEquals(dword0, 0xff);
});

Deno.test("a refusal names the feature", async () => {
  const { drive } = scripted({ expect: {}, status: INVALID_FIELD });
  await assertRejects(
    () => readFeature(drive, { fid: 0x10 }),
    StatusError,
    "Cannot read feature Host Controlled Thermal Management (10h)",
  );
});

Deno.test("features go by names, aliases and numbers", () => {
  for (const word of ["volatile-write-cache", "vwc", "VWC", "6", "0x06", "06h", "6h"]) {
    assertEquals(namedFeature(word).fid, 6, word);
  }
  assertEquals(namedFeature("0xd0"), { fid: 0xd0, info: undefined });
  assertEquals(featureTitle(0xd0), "vendor specific (d0h)");
  assertEquals(featureTitle(0x50), "undefined (50h)");
  for (const word of ["0", "0x100", "cache", "-1", ""]) {
    assertThrows(() => namedFeature(word), UsageError);
  }
});

// Tests of Security Send and Security Receive.

import { assertEquals } from "@std/assert";
import { listedProtocols, SupportedSecurityProtocols } from "../../../src/spec/admin/security.ts";
import {
  decodeFeatureDescriptors,
  LockingFeature,
  TCG_FEATURE,
} from "../../../src/spec/admin/tcg_discovery.ts";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK } from "../bench.ts";

const SEND = 0x81;
const RECEIVE = 0x82;
const TCG = 0x01 << 24;

Deno.test("Security Receive lists the protocols that there are", async () => {
  const { status, data } = await new Bench().admin(RECEIVE, { length: 512, cdw11: 512 });
  assertEquals(status, OK);
  assertEquals(listedProtocols(SupportedSecurityProtocols.decode(data)), [0x00, 0x01]);
});

Deno.test("Security Receive gives a discovery in which locking is not enabled", async () => {
  const bench = new Bench();
  const { data } = await bench.admin(RECEIVE, { length: 512, cdw10: TCG | 1 << 8, cdw11: 512 });
  const features = decodeFeatureDescriptors(data);
  assertEquals(features.map(({ code }) => code), [TCG_FEATURE.tper, TCG_FEATURE.locking]);
  const { flags } = LockingFeature.decode(features[1]?.bytes ?? new Uint8Array(0));
  assertEquals([flags.supported, flags.enabled, flags.locked], [false, false, false]);
  const part = await bench.admin(RECEIVE, { length: 512, cdw10: TCG | 1 << 8, cdw11: 8 });
  assertEquals(part.data.slice(0, 8), data.slice(0, 8));
  assertEquals(part.data.slice(8).every((byte) => byte === 0), true);
});

Deno.test("Security commands refuse every other protocol, and say which field", async () => {
  const bench = new Bench();
  const refused = (opcode: number, cdw10: number, byte: number): Promise<void> =>
    bench.refuses("admin", opcode, { cdw10: cdw10 >>> 0, cdw11: 512 }, {
      status: INVALID_FIELD,
      byte,
    });
  await refused(RECEIVE, 0x02 << 24, 43);
  await refused(RECEIVE, 0xea << 24, 43);
  await refused(RECEIVE, TCG | 0x07fe << 8, 41);
  await refused(RECEIVE, 1 << 8, 41);
  await refused(SEND, TCG | 1 << 8, 41);
  await refused(SEND, 0xef << 24, 43);
});

Deno.test("Security commands are none of drives without them", async () => {
  for (const opcode of [SEND, RECEIVE]) {
    const expected = { status: INVALID_OPCODE, byte: 0 };
    await new Bench("old").refuses("admin", opcode, {}, expected);
  }
});

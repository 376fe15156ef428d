// Security Send and Receive: the commands field by field, and the answers that are decoded.

import { assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  discoveryOf,
  protocolsOf,
  receiveSecurity,
  securityProtocols,
  sendSecurity,
  tcgDiscovery,
} from "../../src/controller/security.ts";
import { StatusError, UnsupportedError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

function identified(fields: Parameters<typeof IdentifyController.encode>[0]): Exchange {
  return { expect: { opcode: 0x06 }, data: IdentifyController.encode(fields) };
}

const HAS = identified({ oacs: { ssrs: true } });

Deno.test("protocol, specific field and target are bytes of dword 10, the length is dword 11", async () => {
  const answer = Uint8Array.of(1, 2, 3, 4);
  const transport = scriptedTransport([
    HAS,
    {
      expect: {
        queue: "admin",
        opcode: 0x82,
        nsid: 0,
        cdw10: 0x0112_3400,
        cdw11: 512,
        direction: "in",
        length: 512,
      },
      data: answer,
    },
    { expect: { opcode: 0x82, nsid: 7, cdw10: 0xea00_0102, cdw11: 256, length: 256 } },
  ]);
  const drive = new Drive(transport);
  const bytes = await receiveSecurity(drive, { protocol: 1, specific: 0x1234 }, 512);
  assertEquals(bytes.slice(0, 4), answer);
  await receiveSecurity(drive, { protocol: 0xea, specific: 1, nssf: 2, nsid: 7 }, 256);
  transport.done();
});

Deno.test("what is sent goes out with its length, and nothing of the drive stays remembered", async () => {
  const bytes = Uint8Array.of(9, 8, 7, 6, 5);
  const transport = scriptedTransport([
    HAS,
    {
      expect: {
        queue: "admin",
        opcode: 0x81,
        nsid: 0,
        cdw10: 0x027f_fe00,
        cdw11: 5,
        direction: "out",
        sent: bytes,
        slow: true,
        timeoutMs: 300_000,
      },
    },
    HAS,
    { expect: { opcode: 0x81, cdw10: 0x0200_0000, cdw11: 0, length: 0 } },
  ]);
  const drive = new Drive(transport);
  await sendSecurity(drive, { protocol: 2, specific: 0x7ffe }, bytes);
  await sendSecurity(drive, { protocol: 2 }, new Uint8Array(0));
  transport.done();
});

Deno.test("a drive without security commands is asked nothing", async () => {
  const transport = scriptedTransport([identified({})]);
  await assertRejects(
    () => receiveSecurity(new Drive(transport), { protocol: 0 }, 512),
    UnsupportedError,
    "it has none (OACS, bit 0)",
  );
  transport.done();
});

Deno.test("more than the drive moves in one command is refused", async () => {
  const drive = new Drive(
    scriptedTransport([identified({ oacs: { ssrs: true }, mdts: 1 })]),
  );
  await assertRejects(
    () => sendSecurity(drive, { protocol: 1 }, new Uint8Array(8193)),
    UnsupportedError,
    "moves 8192 at most",
  );
});

Deno.test("protocol 00h lists the protocols of the drive", async () => {
  assertEquals(await securityProtocols(new Drive(virtualDrive().transport)), [0, 1]);
  const answer = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 3, 0x00, 0x01, 0xea);
  assertEquals(protocolsOf(answer), [0, 1, 0xea]);
  assertEquals(protocolsOf(answer.subarray(0, 10)), [0, 1], "an answer that was cut");
  assertEquals(protocolsOf(answer.subarray(0, 4)), []);
});

Deno.test("Level 0 Discovery is the features of its descriptors", async () => {
  const { major, minor, features } = await tcgDiscovery(new Drive(virtualDrive().transport));
  assertEquals([major, minor], [0, 1]);
  assertEquals(features.map(({ code }) => code), [0x0001, 0x0002]);
  assertEquals(discoveryOf(new Uint8Array(48)).features, []);
});

Deno.test("a protocol that the drive does not have is its refusal", async () => {
  const drive = new Drive(virtualDrive().transport);
  await assertRejects(
    () => receiveSecurity(drive, { protocol: 0xea }, 512),
    StatusError,
    "Cannot receive from security protocol eah",
  );
});

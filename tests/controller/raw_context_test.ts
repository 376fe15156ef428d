// What a drive is asked for the length of a command composed by hand.

import { assertEquals } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import type { RawCommand } from "../../src/controller/raw_command.ts";
import { transferContext } from "../../src/controller/raw_context.ts";
import type { TransferContext } from "../../src/controller/raw_length.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { NvmNamespace } from "../../src/spec/identify/identify_namespace_nvm.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const READ: RawCommand = { queue: "io", opcode: 0x02, nsid: 3 };
const REFUSED = 0x4002;

function identified(fields: Parameters<typeof IdentifyNamespace.encode>[0]): Exchange {
  return {
    expect: { queue: "admin", opcode: 0x06, nsid: 3, cdw10: 0 },
    data: IdentifyNamespace.encode({ nsze: 8n, ...fields }),
  };
}

function extended(pif: number): Exchange {
  return {
    expect: { opcode: 0x06, nsid: 3, cdw10: 5 },
    data: NvmNamespace.encode({ elbaf: [{ pif }] }),
  };
}

function descriptors(csi: number): Exchange {
  const data = new Uint8Array(4096);
  data.set([4, 1, 0, 0, csi]);
  return { expect: { opcode: 0x06, nsid: 3, cdw10: 3 }, data };
}

async function asked(
  script: readonly Exchange[],
  command: RawCommand = READ,
): Promise<TransferContext> {
  const transport = scriptedTransport(script);
  const context = await transferContext(new Drive(transport), command);
  transport.done();
  return context;
}

Deno.test("transferContext() asks nothing where the command tells its length itself", async () => {
  assertEquals(await asked([], { queue: "admin", opcode: 0x06 }), {});
  assertEquals(await asked([], { queue: "io", opcode: 0x09, nsid: 3 }), {});
  assertEquals(await asked([], { ...READ, nsid: 0xffffffff }), {});
});

Deno.test("transferContext() reads the namespace's current format", async () => {
  const lbaf = [{ lbads: 9 }, { lbads: 12, ms: 8 }];
  const shape = { blockBytes: 4096, metadataBytes: 8, inline: false, protectionBytes: 0 };
  assertEquals(await asked([identified({ nlbaf: 2, flbas: 0x01, lbaf })]), { shape });
  assertEquals(await asked([identified({ nlbaf: 2, flbas: 0x11, lbaf })]), {
    shape: { ...shape, inline: true },
  });
  assertEquals(await asked([identified({ nlbaf: 2, flbas: 0x11, dps: 1, lbaf })]), {
    shape: { ...shape, inline: true, protectionBytes: 8 },
  });
});

Deno.test("transferContext() knows 16 bytes of protection information from 8", async () => {
  const namespace = identified({ nlbaf: 1, dps: 1, lbaf: [{ lbads: 12, ms: 16 }] });
  const bytes = async (answer: Exchange): Promise<number | undefined> =>
    (await asked([namespace, answer])).shape?.protectionBytes;
  assertEquals(await bytes(extended(0)), 8);
  assertEquals(await bytes(extended(2)), 16);
  assertEquals(await bytes({ expect: { cdw10: 5 }, status: REFUSED }), 8);
});

Deno.test("transferContext() knows a namespace of keys", async () => {
  const refused = { expect: { cdw10: 0 }, status: REFUSED };
  assertEquals(await asked([refused, descriptors(1)]), { keyValue: true });
  assertEquals(await asked([refused, descriptors(0)]), { keyValue: false });
  assertEquals(await asked([identified({}), descriptors(1)]), { keyValue: true });
});

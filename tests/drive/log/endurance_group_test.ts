// Tests of log page 09h: the endurance group of the default drive.

import { assertEquals } from "@std/assert";
import {
  EnduranceGroupList,
  listedEnduranceGroups,
} from "../../../src/spec/identify/identify_lists.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { EnduranceLog } from "../../../src/spec/log/endurance.ts";
import { changeHealth } from "../../../src/drive/model/health.ts";
import { Bench, INVALID_FIELD } from "../bench.ts";

const GROUP_1 = 1 << 16;

async function endurance(bench: Bench): Promise<EnduranceLog> {
  return EnduranceLog.decode((await bench.log(0x09, 512, { cdw11: GROUP_1 })).data);
}

Deno.test("Endurance group 1 is known wherever endurance groups are", async () => {
  const bench = new Bench();
  const controller = IdentifyController.decode((await bench.identify(0x01)).data);
  assertEquals([controller.ctratt.egs, controller.endgidmax], [true, 1]);
  const namespace = IdentifyNamespace.decode((await bench.identify(0x00, { nsid: 1 })).data);
  assertEquals(namespace.endgid, 1);
  const list = async (from: number): Promise<readonly number[]> =>
    listedEnduranceGroups(
      EnduranceGroupList.decode((await bench.identify(0x19, { cdw11: from })).data),
    );
  assertEquals([await list(0), await list(1), await list(2)], [[1], [1], []]);
});

Deno.test("Endurance Group Information counts what is written, and wears", async () => {
  const bench = new Bench();
  const before = await endurance(bench);
  assertEquals(before.dataRead, 10_929n);
  assertEquals(before.dataWritten, 8_825n);
  assertEquals([before.enduranceEstimate, before.availableSpare], [600_000n, 100]);
  assertEquals([before.totalCapacity, before.unallocatedCapacity], [1_000_204_886_016n, 0n]);
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512) });
  bench.drive.state.counters.sectorsWritten += 2_000_000_000n / 512n;
  changeHealth(bench.drive, { spare: 5, mediaErrors: 3, degraded: true });
  const after = await endurance(bench);
  assertEquals(after.hostWriteCommands - before.hostWriteCommands, 1n);
  assertEquals(after.dataWritten - before.dataWritten, 2n);
  assertEquals(after.mediaWritten > after.dataWritten, true);
  assertEquals([after.availableSpare, after.mediaErrors], [5, 3n]);
  assertEquals(after.criticalWarning.value, 0b101);
});

Deno.test("Endurance groups that are not there are refused", async () => {
  const bench = new Bench();
  for (const group of [0, 2]) {
    const command = { nsid: 0xffff_ffff, cdw10: 0x007f_0009, cdw11: group << 16 };
    await bench.refuses("admin", 0x02, command, { status: INVALID_FIELD, byte: 46 });
  }
});

// Reads that a drive never answers, behind the kernel's nvme-tcp driver, which gives them up and
// connects again.

import { assert, assertEquals } from "@std/assert";
import { checkoutPath } from "../../../scripts/vm/host.ts";
import type { CommandTap, TapCallback } from "../../../src/drive/tap/verdict.ts";
import { shell } from "../../support/guest.ts";
import { connect, targetTest } from "../../support/served_target.ts";
import { sha256 } from "../../support/guest_image.ts";

const BLOCKS = 2048;
const BLOCK_BYTES = 512;
const READ = 0x02;
/** One block in the midst of others, where nothing but our own reads has any business. */
const HUNG = 1001;
const OUT = "/run/hanging.img";
const NVMECTL = "/usr/local/bin/nvmectl";

targetTest(
  "read --skip-errors goes on behind a read that never ends, and has all but its block",
  ["HANGING"],
  async ({ guest, target }) => {
    await guest.put(checkoutPath("build/nvmectl"), NVMECTL);
    const [drive] = target.drives;
    assert(drive);
    const data = Uint8Array.from({ length: BLOCKS * BLOCK_BYTES }, (_, at) => (at >> 9) * 3 + at);
    drive.store.find(1)?.media.write(0, BLOCKS, { data, metadata: new Uint8Array(0) });
    const device = `/dev/${await connect(guest, target, "--reconnect-delay=2")}n1`;
    let hangs = 0;
    const drop = ({ command: { opcode, cdw10, cdw12 } }: CommandTap) => {
      if (opcode !== READ || cdw10 > HUNG || cdw10 + (cdw12 & 0xffff) < HUNG) return undefined;
      hangs++;
      return { kind: "drop" } as const;
    };
    drive.taps.attach("nvme:io:decode", drop as TapCallback);
    const words = `--blocks ${BLOCKS} --out ${OUT} --skip-errors --timeout 2s -o json`;
    const { code, stdout, stderr } = await guest.run(`${NVMECTL} read ${device} ${words}`, {
      timeoutMs: 180_000,
    });
    assertEquals(code, 1, stderr);
    assertEquals(JSON.parse(stdout).unreadable, [{ lba: HUNG, blocks: 1 }]);
    // In its piece, and alone.
    assertEquals(hangs, 2);
    data.fill(0, HUNG * BLOCK_BYTES, (HUNG + 1) * BLOCK_BYTES);
    assertEquals((await shell(guest, `sha256sum <${OUT}`)).split(" ")[0], await sha256(data));
    await shell(guest, `rm -f ${OUT}* ${NVMECTL}`);
  },
);

// Plug-in files and rules at the kernel's commands, loaded and taken out while the drive is used.

import { assertEquals, assertMatch } from "@std/assert";
import { nvmectl, shell } from "../../../support/guest.ts";
import { type Bench, scenarioTest } from "./showing.ts";

const JAVASCRIPT = `
export function setup(taps) {
  taps.attach("nvme:admin:decode", ({ command: { opcode, cdw10, cdw11 } }) =>
    opcode === 0xc4 ? { kind: "claim", dw0: cdw10 * cdw11 } : undefined);
}
`;
const TYPESCRIPT = `
interface Media { readonly lba: number; readonly data?: Uint8Array; readonly blockBytes: number }
interface Taps { attach(tap: string, callback: (context: Media) => unknown): void }
export function setup(taps: Taps): void {
  taps.attach("nvme:media:read", ({ lba, data, blockBytes }: Media) => {
    if (lba !== 0 || !data) return undefined;
    const changed: Uint8Array = data.slice();
    changed.set(new TextEncoder().encode("typed"));
    return { kind: "mutate", data: changed };
  });
}
`;

/** Loads a plug-in file with the verb. */
async function load({ guest }: Bench, name: string, source: string): Promise<void> {
  await shell(guest, `cat > /run/${name}`, { stdin: source });
  const { code, stdout, stderr } = await nvmectl(guest, [
    ...["drive", "plugins", "--load", `/run/${name}`],
  ]);
  assertEquals(code, 0, stderr);
  assertMatch(stdout, new RegExp(`${name}\\s+file`));
}

scenarioTest(
  "a plug-in in JavaScript, loaded live, answers a command of nvme-cli",
  async (bench) => {
    await load(bench, "product.js", JAVASCRIPT);
    assertMatch(
      await bench.must("nvme admin-passthru $CTRL --opcode=0xc4 --cdw10=6 --cdw11=7"),
      /result: 0x0*2a\b/,
    );
  },
);

scenarioTest(
  "a plug-in in TypeScript, loaded live, changes what the kernel reads",
  async (bench) => {
    await bench.must("fill good | put 0");
    await load(bench, "typed.ts", TYPESCRIPT);
    assertEquals(await bench.must("first 0 5"), "typed\n");
  },
);

scenarioTest(
  "rules from a file fail the writes that they describe, and no others",
  async (bench) => {
    const rules = {
      schema: "nvmectl.rules/1",
      rules: [{
        tap: "nvme:io:decode",
        match: { opcode: 1, cdw10: { mask: "0xfff8", value: 8 } },
        count: 0,
        effect: { kind: "claim", status: { type: 2, code: 0x86, doNotRetry: true } },
      }],
    };
    await shell(bench.guest, "cat > /run/rules.json", { stdin: JSON.stringify(rules) });
    await bench.drive.mark();
    const { code, stderr } = await nvmectl(bench.guest, [
      ...["drive", "inject", "--rules", "/run/rules.json"],
    ]);
    assertEquals(code, 0, stderr);
    const found = await bench.must("for at in 0 1 2; do fill new | try put $at; done");
    assertEquals(found, "ok\nbad\nok\n");
    await bench.drive.logs([/sct 0x2 \/ sc 0x86\) DNR/]);
  },
);

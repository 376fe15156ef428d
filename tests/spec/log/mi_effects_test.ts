// The NVMe-MI Commands Supported and Effects log page.

import { assertEquals } from "@std/assert";
import {
  MiEffectsLog,
  MiEffectsPage,
  supportedMiCommands,
} from "../../../src/spec/log/mi_effects.ts";
import { MI_EFFECTS_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import { MI_EFFECTS_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const NONE = {
  value: 0,
  supported: false,
  userData: false,
  namespaceCapability: false,
  namespaceInventory: false,
  controllerCapability: false,
  scope: 0,
};
const READ = { supported: true, scope: 2 };
const ANY = {
  supported: true,
  userData: true,
  namespaceCapability: true,
  namespaceInventory: true,
  controllerCapability: true,
  scope: 0x20,
};

structureTests(MiEffectsLog, {
  bytes: MI_EFFECTS_IMAGE,
  decoded: {
    commands: [
      { ...NONE, ...READ, value: 0x00200001 },
      { ...ANY, value: 0x0200001f },
      ...Array.from({ length: 254 }, () => NONE),
    ],
  },
  encoded: { commands: [READ, ANY] },
});

witnessTests(MiEffectsLog, MI_EFFECTS_WITNESS);

const LOG = MiEffectsLog.decode(MI_EFFECTS_IMAGE);

Deno.test("MiEffectsPage.table() says the effects in words", () => {
  assertEquals(supportedMiCommands(LOG).map(({ opcode }) => opcode), [0, 1]);
  assertEquals(MiEffectsPage.table?.(LOG), {
    columns: ["Opcode", "May change", "Acts on"],
    rows: [
      ["00h", "", "the controller"],
      [
        "01h",
        "user data, namespace capabilities, namespace inventory, controller capabilities",
        "the NVM subsystem",
      ],
    ],
    note: "2 management interface commands supported",
  });
  const empty = MiEffectsLog.decode(new Uint8Array(4096));
  assertEquals(MiEffectsPage.table?.(empty).note, "no management interface commands supported");
});

Deno.test("MiEffectsPage.json() has an entry for each supported command", () => {
  const { commands } = MiEffectsPage.json(LOG);
  const [, second] = commands as { opcode: number; effects: { user_data: unknown } }[];
  assertEquals([second?.opcode, second?.effects.user_data], [1, true]);
});

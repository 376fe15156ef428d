// The Feature Identifiers Supported and Effects log page.

import { assertEquals } from "@std/assert";
import {
  FeatureEffectsLog,
  FeatureEffectsPage,
  supportedFeatures,
} from "../../../src/spec/log/feature_effects.ts";
import { FEATURE_EFFECTS_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import { FEATURE_EFFECTS_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const NONE = {
  value: 0,
  supported: false,
  userData: false,
  namespaceCapability: false,
  namespaceInventory: false,
  controllerCapability: false,
  uuidSelection: false,
  scope: 0,
};
const ARBITRATION = { supported: true, scope: 2 };
const CACHE = { supported: true, userData: true, uuidSelection: true, scope: 1 };
const LAST = {
  supported: true,
  namespaceCapability: true,
  namespaceInventory: true,
  controllerCapability: true,
  scope: 0x20,
};

structureTests(FeatureEffectsLog, {
  bytes: FEATURE_EFFECTS_IMAGE,
  decoded: {
    features: Array.from({ length: 256 }, (_, fid) => {
      if (fid === 0x01) return { ...NONE, ...ARBITRATION, value: 0x00200001 };
      if (fid === 0x06) return { ...NONE, ...CACHE, value: 0x00180003 };
      return fid === 0xff ? { ...NONE, ...LAST, value: 0x0200001d } : NONE;
    }),
  },
  encoded: {
    features: Array.from(
      { length: 256 },
      (_, fid) => fid === 0x01 ? ARBITRATION : fid === 0x06 ? CACHE : fid === 0xff ? LAST : {},
    ),
  },
});

witnessTests(FeatureEffectsLog, FEATURE_EFFECTS_WITNESS);

const LOG = FeatureEffectsLog.decode(FEATURE_EFFECTS_IMAGE);

Deno.test("supportedFeatures() leaves out what is not supported", () => {
  assertEquals(supportedFeatures(LOG).map(({ fid }) => fid), [0x01, 0x06, 0xff]);
});

Deno.test("FeatureEffectsPage.table() says the effects in words", () => {
  assertEquals(FeatureEffectsPage.table?.(LOG), {
    columns: ["Feature", "May change", "Acts on", "UUID index"],
    rows: [
      ["01h", "", "the controller", ""],
      ["06h", "user data", "namespaces", "yes"],
      [
        "FFh",
        "namespace capabilities, namespace inventory, controller capabilities",
        "the NVM subsystem",
        "",
      ],
    ],
    note: "3 features supported",
  });
});

Deno.test("FeatureEffectsPage.json() has an entry for each supported feature", () => {
  const { features } = FeatureEffectsPage.json(LOG);
  const [first] = features as { fid: number; effects: { scope: unknown } }[];
  assertEquals([first?.fid, first?.effects.scope], [1, { value: 2, text: "the controller" }]);
});

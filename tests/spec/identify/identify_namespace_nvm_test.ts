// Identify Namespace of the NVM Command Set.

import { assertEquals } from "@std/assert";
import { fromCount } from "../../../src/layout/mod.ts";
import {
  NvmNamespace,
  protectionFormat,
} from "../../../src/spec/identify/identify_namespace_nvm.ts";
import { NVM_NAMESPACE_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import { NVM_NAMESPACE_WITNESS } from "./witness.ts";

const BLOCKS_MAX = 2 ** 32;

const PLAIN = {
  lbstm: 0x800000000000ffffn,
  pic: { value: 0x0f, pists16b: true, pistm16b: true, stcrs: true, qpifs: true },
  pifa: { value: 1, stmla: 1 },
  npdgl: 65_536,
  nprg: fromCount(8, BLOCKS_MAX),
  npra: fromCount(4, BLOCKS_MAX),
  nors: fromCount(131_072, BLOCKS_MAX),
  npdal: 32_768,
  lbapss: 1024,
  tlbaag: 8,
};

const FORMATS = [
  {},
  { sts: 16, pif: 1 },
  { sts: 48, pif: 3, qpif: 2 },
  ...Array.from({ length: 60 }, () => ({})),
  { sts: 32, pif: 2 },
];

structureTests(NvmNamespace, {
  bytes: NVM_NAMESPACE_IMAGE,
  decoded: PLAIN,
  encoded: { ...PLAIN, elbaf: FORMATS },
});

witnessTests(NvmNamespace, NVM_NAMESPACE_WITNESS);

Deno.test("NvmNamespace reads in plain words", () => {
  const words = texts(NvmNamespace, NVM_NAMESPACE_IMAGE);
  assertEquals(words["lbstm"], "0x800000000000ffff");
  assertEquals(words["pifa"], "storage tag masks: whole bytes");
  const formats = words["elbaf"]?.split("; ") ?? [];
  assertEquals(formats.length, 64);
  assertEquals(formats.slice(0, 3), [
    "0: 16-bit guard",
    "1: 32-bit guard, 16-bit storage tag",
    "2: 64-bit guard, 48-bit storage tag",
  ]);
  assertEquals(formats[63], "63: 64-bit guard, 32-bit storage tag");
  assertEquals(words["npdgl"], "65,536 blocks");
  assertEquals(words["nors"], "131,072 blocks");
});

Deno.test("NvmNamespace says what zero means", () => {
  const words = texts(NvmNamespace, new Uint8Array(4096));
  assertEquals(words["npdgl"], "not reported");
  assertEquals(words["tlbaag"], "not reported");
  assertEquals(words["nprg"], "1 block");
});

Deno.test("protectionFormat() resolves a qualified format", () => {
  assertEquals(protectionFormat({ pif: 1, qpif: 2 }), 1);
  assertEquals(protectionFormat({ pif: 3, qpif: 2 }), 2);
});

// Level 0 Discovery against literal bytes; the places were typed from SPDK's `opal_spec.h` and, as
// `level_0_discovery_*`, from the opal-toolset's `common.h`.

import { assertEquals } from "@std/assert";
import {
  BlockSidFeature,
  DataStoreFeature,
  decodeFeatureDescriptors,
  DiscoveryHeader,
  EnterpriseFeature,
  featureDescriptor,
  FeatureHeader,
  GeometryFeature,
  LockingFeature,
  OpalFeature,
  PyriteFeature,
  SingleUserFeature,
  TCG_FEATURE,
  TperFeature,
} from "../../../src/spec/admin/tcg_discovery.ts";
import { dwordTests, hexBytes } from "../dwords.ts";

const HEAD = "code@0:2 version@2:1 version.version#4:4 length@3:1";
const VENDOR = Uint8Array.from({ length: 32 }, (_, at) => at);

dwordTests(
  DiscoveryHeader,
  `00 00 00 5c 00 00 00 01 00 00 00 00 00 00 00 00
   00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f`,
  { length: 92, major: 0, minor: 1, vendor: VENDOR },
  "spdk_opal_d0_hdr, where major and minor are one revision",
  "length@0:4 major@4:2 minor@6:2 vendor@16:32",
);
dwordTests(
  FeatureHeader,
  "02 03 20 10",
  { code: TCG_FEATURE.opal2, version: { version: 2 }, length: 16 },
  "spdk_opal_d0_feat_hdr",
  HEAD,
);
dwordTests(
  TperFeature,
  "00 01 10 0c 51",
  {
    code: TCG_FEATURE.tper,
    version: { version: 1 },
    length: 12,
    flags: {
      sync: true,
      async: false,
      ackNak: false,
      buffers: false,
      streaming: true,
      comId: true,
    },
  },
  "spdk_opal_d0_tper_feat",
  `${HEAD} flags@4:1 flags.sync#0:1 flags.async#1:1 flags.ackNak#2:1 flags.buffers#3:1
   flags.streaming#4:1 flags.comId#6:1`,
);
dwordTests(
  LockingFeature,
  "00 02 10 0c 8f",
  {
    code: TCG_FEATURE.locking,
    version: { version: 1 },
    length: 12,
    flags: {
      supported: true,
      enabled: true,
      locked: true,
      encryption: true,
      mbrEnabled: false,
      mbrDone: false,
      mbrAbsent: false,
      hardwareReset: true,
    },
  },
  "spdk_opal_d0_locking_feat; bit 6, sedutil; bit 7 has one source",
  `${HEAD} flags@4:1 flags.supported#0:1 flags.enabled#1:1 flags.locked#2:1 flags.encryption#3:1
   flags.mbrEnabled#4:1 flags.mbrDone#5:1 flags.mbrAbsent#6:1 flags.hardwareReset#7:1`,
);
dwordTests(
  GeometryFeature,
  `00 03 10 1c 01 00 00 00 00 00 00 00 00 00 02 00
   00 00 00 00 00 00 00 08 00 00 00 00 00 00 00 10`,
  {
    code: TCG_FEATURE.geometry,
    version: { version: 1 },
    length: 28,
    flags: { align: true },
    blockBytes: 512,
    granularity: 8n,
    lowestAligned: 16n,
  },
  "spdk_opal_d0_geo_feat",
  `${HEAD} flags@4:1 flags.align#0:1 blockBytes@12:4 granularity@16:8 lowestAligned@24:8`,
);
dwordTests(
  EnterpriseFeature,
  "01 00 10 10 10 00 00 02 01",
  {
    code: TCG_FEATURE.enterprise,
    version: { version: 1 },
    length: 16,
    comId: 0x1000,
    comIds: 2,
    crossing: { absent: true },
  },
  "spdk_opal_d0_v100_feat",
  `${HEAD} comId@4:2 comIds@6:2 crossing@8:1 crossing.absent#0:1`,
);
dwordTests(
  OpalFeature,
  "02 03 20 10 07 fe 00 01 00 00 04 00 09 00 ff",
  {
    code: TCG_FEATURE.opal2,
    version: { version: 2 },
    length: 16,
    comId: 0x07fe,
    comIds: 1,
    crossing: { absent: false },
    admins: 4,
    users: 9,
    initialPin: 0,
    revertedPin: 0xff,
  },
  "spdk_opal_d0_v200_feat",
  `${HEAD} comId@4:2 comIds@6:2 crossing@8:1 crossing.absent#0:1 admins@9:2 users@11:2
   initialPin@13:1 revertedPin@14:1`,
);
dwordTests(
  PyriteFeature,
  "03 03 10 10 07 fe 00 01 00 00 00 00 00 ff 00",
  {
    code: TCG_FEATURE.pyrite2,
    version: { version: 1 },
    length: 16,
    comId: 0x07fe,
    comIds: 1,
    initialPin: 0xff,
    revertedPin: 0,
  },
  "level_0_discovery_pyrite_feature",
  `${HEAD} comId@4:2 comIds@6:2 initialPin@13:1 revertedPin@14:1`,
);
dwordTests(
  SingleUserFeature,
  "02 01 10 0c 00 00 00 09 05",
  {
    code: TCG_FEATURE.singleUser,
    version: { version: 1 },
    length: 12,
    objects: 9,
    flags: { any: true, all: false, policy: true },
  },
  "spdk_opal_d0_single_user_mode_feat",
  `${HEAD} objects@4:4 flags@8:1 flags.any#0:1 flags.all#1:1 flags.policy#2:1`,
);
dwordTests(
  DataStoreFeature,
  "02 02 10 0c 00 00 00 09 00 a0 00 00 00 00 00 01",
  {
    code: TCG_FEATURE.dataStore,
    version: { version: 1 },
    length: 12,
    tables: 9,
    tableBytes: 0x00a0_0000,
    alignment: 1,
  },
  "spdk_opal_d0_datastore_feat",
  `${HEAD} tables@6:2 tableBytes@8:4 alignment@12:4`,
);
dwordTests(
  BlockSidFeature,
  "04 02 10 0c 07 01",
  {
    code: TCG_FEATURE.blockSid,
    version: { version: 1 },
    length: 12,
    flags: { pinChanged: true, blocked: true, freezable: true, frozen: false },
    reset: { hardware: true },
  },
  "level_0_discovery_block_sid_authentication_feature",
  `${HEAD} flags@4:1 flags.pinChanged#0:1 flags.blocked#1:1 flags.freezable#2:1 flags.frozen#3:1
   reset@5:1 reset.hardware#0:1`,
);

const TPER = "00 01 10 0c 11 00 00 00 00 00 00 00 00 00 00 00";
const VENDOR_FEATURE = "c0 01 10 02 aa bb";

function answer(length: number, ...parts: readonly string[]): Uint8Array {
  const body = parts.flatMap((text) => [...hexBytes(text)]);
  const bytes = new Uint8Array(48 + body.length);
  bytes[3] = length;
  bytes.set(body, 48);
  return bytes;
}

Deno.test("decodeFeatureDescriptors() keeps descriptors of unknown features", () => {
  const found = decodeFeatureDescriptors(answer(44 + 22, VENDOR_FEATURE, TPER));
  assertEquals(found.map(({ code, version, bytes }) => [code, version, bytes.length]), [
    [0xc001, 1, 6],
    [TCG_FEATURE.tper, 1, 16],
  ]);
});

Deno.test("decodeFeatureDescriptors() ends where the header says, and before a part", () => {
  assertEquals(decodeFeatureDescriptors(answer(44 + 6, VENDOR_FEATURE, TPER)).length, 1);
  assertEquals(decodeFeatureDescriptors(answer(0, VENDOR_FEATURE)).length, 0);
  assertEquals(decodeFeatureDescriptors(answer(200, TPER, "00 02 10 0c 01")).length, 1);
});

Deno.test("featureDescriptor() gives structures as long as their descriptors", () => {
  assertEquals(featureDescriptor(TCG_FEATURE.opal2)?.size, 20);
  assertEquals(featureDescriptor(TCG_FEATURE.geometry)?.size, 32);
  assertEquals(featureDescriptor(0xc001), undefined);
});

// The bits of the controller's registers.

import {
  Aqa,
  Bpinfo,
  Bprsel,
  Cap,
  Cc,
  Cmbebs,
  Cmbloc,
  Cmbmsc,
  Cmbsts,
  Cmbswtp,
  Cmbsz,
  Crto,
  Csts,
  Nssd,
  Nssr,
  Pmrcap,
  Pmrctl,
  Pmrebs,
  Pmrmscl,
  Pmrsts,
  Pmrswtp,
  Vs,
} from "../../src/spec/register_layouts.ts";
import { page } from "../golden/log/page.ts";
import { structureTests } from "../support/structure.ts";
import { witnessTests } from "./log/witness.ts";

const CAP = {
  mqes: 0x03ff,
  cqr: true,
  wrrupc: true,
  vsams: false,
  to: 0x3c,
  dstrd: 2,
  nssrs: true,
  ncss: true,
  iocss: true,
  noiocss: false,
  bps: true,
  cps: 3,
  mpsmin: 0,
  mpsmax: 4,
  pmrs: true,
  cmbs: false,
  nsss: true,
  crwms: true,
  crims: false,
  nsses: true,
};
structureTests(Cap, {
  bytes: page(8, { 0: "ff 03 03 3c 32 e8 40 2d" }),
  decoded: { cap: { ...CAP, value: 0x2d40_e832_3c03_03ffn } },
  encoded: { cap: CAP },
});
// SPDK, union spdk_nvme_cap_register, where ams and css are fields of bits; nsses, xNVMe.
witnessTests(Cap, {
  source: "spdk_nvme_cap_register",
  facts: `cap@0:8 cap.mqes#0:16 cap.cqr#16:1 cap.wrrupc#17:1 cap.vsams#18:1 cap.to#24:8
    cap.dstrd#32:4 cap.nssrs#36:1 cap.ncss#37:1 cap.iocss#43:1 cap.noiocss#44:1 cap.bps#45:1
    cap.cps#46:2 cap.mpsmin#48:4 cap.mpsmax#52:4 cap.pmrs#56:1 cap.cmbs#57:1 cap.nsss#58:1
    cap.crwms#59:1 cap.crims#60:1 cap.nsses#61:1`,
});

structureTests(Vs, {
  bytes: page(4, { 0: "01 02 02 00" }),
  decoded: { vs: { value: 0x0002_0201, ter: 1, mnr: 2, mjr: 2 } },
  encoded: { vs: { ter: 1, mnr: 2, mjr: 2 } },
});
witnessTests(Vs, {
  source: "spdk_nvme_vs_register",
  facts: "vs@0:4 vs.ter#0:8 vs.mnr#8:8 vs.mjr#16:16",
});

const CC = { en: true, css: 6, mps: 1, ams: 1, shn: 2, iosqes: 6, iocqes: 4, crime: true };
structureTests(Cc, {
  bytes: page(4, { 0: "e1 88 46 01" }),
  decoded: { cc: { ...CC, value: 0x0146_88e1 } },
  encoded: { cc: CC },
});
witnessTests(Cc, {
  source: "spdk_nvme_cc_register",
  facts: `cc@0:4 cc.en#0:1 cc.css#4:3 cc.mps#7:4 cc.ams#11:3 cc.shn#14:2 cc.iosqes#16:4
    cc.iocqes#20:4 cc.crime#24:1`,
});

const CSTS = { rdy: true, cfs: false, shst: 2, nssro: true, pp: false, st: true };
structureTests(Csts, {
  bytes: page(4, { 0: "59" }),
  decoded: { csts: { ...CSTS, value: 0x59 } },
  encoded: { csts: CSTS },
});
witnessTests(Csts, {
  source: "libnvme, enum nvme_csts",
  facts: "csts@0:4 csts.rdy#0:1 csts.cfs#1:1 csts.shst#2:2 csts.nssro#4:1 csts.pp#5:1 csts.st#6:1",
});

structureTests(Nssr, {
  bytes: page(4, { 0: "65 4d 56 4e" }),
  decoded: { nssrc: 0x4e56_4d65 },
  encoded: { nssrc: 0x4e56_4d65 },
});
witnessTests(Nssr, { source: "spdk_nvme_registers.nssr", facts: "nssrc@0:4" });

structureTests(Aqa, {
  bytes: page(4, { 0: "1f 00 ff 0f" }),
  decoded: { aqa: { value: 0x0fff_001f, asqs: 31, acqs: 4095 } },
  encoded: { aqa: { asqs: 31, acqs: 4095 } },
});
witnessTests(Aqa, {
  source: "spdk_nvme_aqa_register",
  facts: "aqa@0:4 aqa.asqs#0:12 aqa.acqs#16:12",
});

const CMBLOC = {
  bir: 4,
  cqmms: true,
  cqpds: false,
  cdpmls: true,
  cdpcils: false,
  cdmmms: true,
  cqda: true,
  ofst: 0x12345,
};
structureTests(Cmbloc, {
  bytes: page(4, { 0: "ac 51 34 12" }),
  decoded: { cmbloc: { ...CMBLOC, value: 0x1234_51ac } },
  encoded: { cmbloc: CMBLOC },
});
witnessTests(Cmbloc, {
  source: "libnvme, enum nvme_cmbloc",
  facts: `cmbloc@0:4 cmbloc.bir#0:3 cmbloc.cqmms#3:1 cmbloc.cqpds#4:1 cmbloc.cdpmls#5:1
    cmbloc.cdpcils#6:1 cmbloc.cdmmms#7:1 cmbloc.cqda#8:1 cmbloc.ofst#12:20`,
});

const CMBSZ = { sqs: true, cqs: false, lists: true, rds: true, wds: false, szu: 2, sz: 64 };
structureTests(Cmbsz, {
  bytes: page(4, { 0: "0d 02 04 00" }),
  decoded: { cmbsz: { ...CMBSZ, value: 0x0004_020d } },
  encoded: { cmbsz: CMBSZ },
});
witnessTests(Cmbsz, {
  source: "spdk_nvme_cmbsz_register",
  facts: `cmbsz@0:4 cmbsz.sqs#0:1 cmbsz.cqs#1:1 cmbsz.lists#2:1 cmbsz.rds#3:1 cmbsz.wds#4:1
    cmbsz.szu#8:4 cmbsz.sz#12:20`,
});

structureTests(Bpinfo, {
  bytes: page(4, { 0: "10 00 00 82" }),
  decoded: { bpinfo: { value: 0x8200_0010, bpsz: 16, brs: 2, abpid: true } },
  encoded: { bpinfo: { bpsz: 16, brs: 2, abpid: true } },
});
witnessTests(Bpinfo, {
  source: "spdk_nvme_bpinfo_register",
  facts: "bpinfo@0:4 bpinfo.bpsz#0:15 bpinfo.brs#24:2 bpinfo.abpid#31:1",
});

structureTests(Bprsel, {
  bytes: page(4, { 0: "08 0c 00 80" }),
  decoded: { bprsel: { value: 0x8000_0c08, bprsz: 8, bprof: 3, bpid: true } },
  encoded: { bprsel: { bprsz: 8, bprof: 3, bpid: true } },
});
witnessTests(Bprsel, {
  source: "spdk_nvme_bprsel_register",
  facts: "bprsel@0:4 bprsel.bprsz#0:10 bprsel.bprof#10:20 bprsel.bpid#31:1",
});

const CMBMSC = { cre: true, cmse: true, cbaLower: 0x12345, cbaUpper: 0x9abc };
structureTests(Cmbmsc, {
  bytes: page(8, { 0: "03 50 34 12 bc 9a 00 00" }),
  decoded: { cmbmsc: { ...CMBMSC, value: 0x9abc_1234_5003n } },
  encoded: { cmbmsc: CMBMSC },
});
// One field of 52 bits there: cba, bits 63:12.
witnessTests(Cmbmsc, {
  source: "spdk_nvme_cmbmsc_register",
  facts: `cmbmsc@0:8 cmbmsc.cre#0:1 cmbmsc.cmse#1:1 cmbmsc.cbaLower#12:20
    cmbmsc.cbaUpper#32:32`,
});

structureTests(Cmbsts, {
  bytes: page(4, { 0: "01" }),
  decoded: { cmbsts: { value: 1, cbai: true } },
  encoded: { cmbsts: { cbai: true } },
});
witnessTests(Cmbsts, { source: "spdk_nvme_cmbsts_register", facts: "cmbsts@0:4 cmbsts.cbai#0:1" });

const BUFFER = { szu: 1, rbb: true, wbz: 0x000402 };
const RATE = { swtu: 3, swtv: 0x000007 };
structureTests(Cmbebs, {
  bytes: page(4, { 0: "11 02 04 00" }),
  decoded: { cmbebs: { ...BUFFER, value: 0x0004_0211 } },
  encoded: { cmbebs: BUFFER },
});
witnessTests(Cmbebs, {
  source: "spdk_nvme_cmbebs_register",
  facts: "cmbebs@0:4 cmbebs.szu#0:4 cmbebs.rbb#4:1 cmbebs.wbz#8:24",
});
structureTests(Pmrebs, {
  bytes: page(4, { 0: "11 02 04 00" }),
  decoded: { pmrebs: { ...BUFFER, value: 0x0004_0211 } },
  encoded: { pmrebs: BUFFER },
});
witnessTests(Pmrebs, {
  source: "spdk_nvme_pmrebs_register",
  facts: "pmrebs@0:4 pmrebs.szu#0:4 pmrebs.rbb#4:1 pmrebs.wbz#8:24",
});
structureTests(Cmbswtp, {
  bytes: page(4, { 0: "03 07" }),
  decoded: { cmbswtp: { ...RATE, value: 0x703 } },
  encoded: { cmbswtp: RATE },
});
witnessTests(Cmbswtp, {
  source: "spdk_nvme_cmbswtp_register",
  facts: "cmbswtp@0:4 cmbswtp.swtu#0:4 cmbswtp.swtv#8:24",
});
structureTests(Pmrswtp, {
  bytes: page(4, { 0: "03 07" }),
  decoded: { pmrswtp: { ...RATE, value: 0x703 } },
  encoded: { pmrswtp: RATE },
});
witnessTests(Pmrswtp, {
  source: "spdk_nvme_pmrswtp_register",
  facts: "pmrswtp@0:4 pmrswtp.swtu#0:4 pmrswtp.swtv#8:24",
});

structureTests(Nssd, {
  bytes: page(4, { 0: "6c 6d 72 4e" }),
  decoded: { nssc: 0x4e72_6d6c },
  encoded: { nssc: 0x4e72_6d6c },
});
witnessTests(Nssd, { source: "spdk_nvme_registers.nssd", facts: "nssc@0:4" });

structureTests(Crto, {
  bytes: page(4, { 0: "14 00 02 01" }),
  decoded: { crto: { value: 0x0102_0014, crwmt: 20, crimt: 258 } },
  encoded: { crto: { crwmt: 20, crimt: 258 } },
});
witnessTests(Crto, {
  source: "spdk_nvme_crto_register",
  facts: "crto@0:4 crto.crwmt#0:16 crto.crimt#16:16",
});

const PMRCAP = { rds: true, wds: true, bir: 2, pmrtu: 1, pmrwbm: 3, pmrto: 30, cmss: true };
structureTests(Pmrcap, {
  bytes: page(4, { 0: "58 0d 1e 01" }),
  decoded: { pmrcap: { ...PMRCAP, value: 0x011e_0d58 } },
  encoded: { pmrcap: PMRCAP },
});
witnessTests(Pmrcap, {
  source: "spdk_nvme_pmrcap_register",
  facts: `pmrcap@0:4 pmrcap.rds#3:1 pmrcap.wds#4:1 pmrcap.bir#5:3 pmrcap.pmrtu#8:2
    pmrcap.pmrwbm#10:4 pmrcap.pmrto#16:8 pmrcap.cmss#24:1`,
});

structureTests(Pmrctl, {
  bytes: page(4, { 0: "01" }),
  decoded: { pmrctl: { value: 1, en: true } },
  encoded: { pmrctl: { en: true } },
});
witnessTests(Pmrctl, { source: "spdk_nvme_pmrctl_register", facts: "pmrctl@0:4 pmrctl.en#0:1" });

const PMRSTS = { err: 5, nrdy: true, hsts: 2, cbai: true };
structureTests(Pmrsts, {
  bytes: page(4, { 0: "05 15" }),
  decoded: { pmrsts: { ...PMRSTS, value: 0x1505 } },
  encoded: { pmrsts: PMRSTS },
});
witnessTests(Pmrsts, {
  source: "spdk_nvme_pmrsts_register",
  facts: "pmrsts@0:4 pmrsts.err#0:8 pmrsts.nrdy#8:1 pmrsts.hsts#9:3 pmrsts.cbai#12:1",
});

structureTests(Pmrmscl, {
  bytes: page(4, { 0: "02 50 34 12" }),
  decoded: { pmrmscl: { value: 0x1234_5002, cmse: true, cba: 0x12345 } },
  encoded: { pmrmscl: { cmse: true, cba: 0x12345 } },
});
witnessTests(Pmrmscl, {
  source: "spdk_nvme_pmrmscl_register",
  facts: "pmrmscl@0:4 pmrmscl.cmse#1:1 pmrmscl.cba#12:20",
});

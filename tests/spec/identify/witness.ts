// The second witness: where the fields of Identify stand according to other people's headers. Our
// tables were typed from the specification's figures; what follows was typed from SPDK's
// `include/spdk/nvme_spec.h`, where it has the field, and from libnvme's `types.h` and nvme-cli's
// printers where it does not. What neither has stands at the end, and has one source only.

import type { Witness } from "../log/witness.ts";

/** SPDK, struct spdk_nvme_ctrlr_data; what 2.1 added, libnvme, struct nvme_id_ctrl. */
export const CONTROLLER_WITNESS: Witness = {
  source: "spdk_nvme_ctrlr_data and nvme_id_ctrl",
  facts: `
    vid@0:2 ssvid@2:2 sn@4:20 mn@24:40 fr@64:8 rab@72:1 ieee@73:3 cmic@76:1 mdts@77:1 cntlid@78:2
    ver@80:4 rtd3r@84:4 rtd3e@88:4 oaes@92:4 ctratt@96:4 rrls@100:2 cntrltype@111:1 fguid@112:16
    crdt1@128:2 crdt2@130:2 crdt3@132:2 nvmsr@253:1 vwci@254:1 mec@255:1 oacs@256:2 acl@258:1
    aerl@259:1 frmw@260:1 lpa@261:1 elpe@262:1 npss@263:1 avscc@264:1 apsta@265:1 wctemp@266:2
    cctemp@268:2 mtfa@270:2 hmpre@272:4 hmmin@276:4 tnvmcap@280:16 unvmcap@296:16 rpmbs@312:4
    edstt@316:2 dsto@318:1 fwug@319:1 kas@320:2 hctma@322:2 mntmt@324:2 mxtmt@326:2 sanicap@328:4
    hmminds@332:4 hmmaxd@336:2 nsetidmax@338:2 endgidmax@340:2 anatt@342:1 anacap@343:1
    anagrpmax@344:4 nanagrpid@348:4 pels@352:4 domainid@356:2 megcap@368:16 sqes@512:1 cqes@513:1
    maxcmd@514:2 nn@516:4 oncs@520:2 fuses@522:2 fna@524:1 vwc@525:1 awun@526:2 awupf@528:2
    icsvscc@530:1 nwpc@531:1 acwu@532:2 ocfs@534:2 sgls@536:4 mnan@540:4 maxdna@544:16 maxcna@560:4
    subnqn@768:256 ioccsz@1792:4 iorcsz@1796:4 icdoff@1800:2 fcatt@1802:1 msdbd@1803:1 ofcs@1804:2
    psd@2048:1024 vs@3072:1024

    ver.ter#0:8 ver.mnr#8:8 ver.mjr#16:16
    cmic.mports#0:1 cmic.mctrs#1:1 cmic.ft#2:1 cmic.anars#3:1
    oaes.nsan#8:1 oaes.fan#9:1 oaes.anacn#11:1 oaes.plean#12:1 oaes.lsian#13:1 oaes.egean#14:1
    oaes.nnss#15:1 oaes.zdcn#27:1 oaes.dlpcn#31:1
    ctratt.hids#0:1 ctratt.nopspm#1:1 ctratt.nsets#2:1 ctratt.rrlvls#3:1 ctratt.egs#4:1
    ctratt.plm#5:1 ctratt.tbkas#6:1 ctratt.ng#7:1 ctratt.sqa#8:1 ctratt.ulist#9:1 ctratt.mds#10:1
    ctratt.fcm#11:1 ctratt.vcm#12:1 ctratt.deg#13:1 ctratt.dnvms#14:1 ctratt.elbas#15:1
    ctratt.mem#16:1 ctratt.fdps#19:1
    nvmsr.nvmesd#0:1 nvmsr.nvmee#1:1 vwci.vwcr#0:7 vwci.vwcrv#7:1 mec.twpme#0:1 mec.pcieme#1:1
    oacs.ssrs#0:1 oacs.fnvms#1:1 oacs.fwds#2:1 oacs.nms#3:1 oacs.dsts#4:1 oacs.dirs#5:1
    oacs.nsrs#6:1 oacs.vms#7:1 oacs.dbcs#8:1 oacs.glss#9:1 oacs.cfls#10:1 oacs.hmlms#11:1
    frmw.ffsro#0:1 frmw.nofs#1:3 frmw.fawr#4:1 frmw.smud#5:1
    lpa.smarts#0:1 lpa.cses#1:1 lpa.lpeds#2:1 lpa.ts#3:1 lpa.pes#4:1 lpa.mlps#5:1 lpa.da4s#6:1
    avscc.vscf#0:1 apsta.apts#0:1
    rpmbs.nrpmbu#0:3 rpmbs.authm#3:3 rpmbs.tsze#16:8 rpmbs.asze#24:8
    dsto.sdso#0:1 hctma.hctms#0:1 sanicap.ces#0:1 sanicap.bes#1:1 sanicap.ows#2:1
    anacap.ranaos#0:1 anacap.rananos#1:1 anacap.ranais#2:1 anacap.ranapls#3:1 anacap.ranacs#4:1
    anacap.anagidlwas#6:1 anacap.anagids#7:1
    sqes.minsqes#0:4 sqes.maxsqes#4:4 cqes.mincqes#0:4 cqes.maxcqes#4:4
    oncs.nvmcmps#0:1 oncs.nvmwusv#1:1 oncs.nvmdsmsv#2:1 oncs.nvmwzsv#3:1 oncs.ssfs#4:1
    oncs.reservs#5:1 oncs.tss#6:1 oncs.nvmvfys#7:1 oncs.nvmcpys#8:1 fuses.fcws#0:1
    fna.fns#0:1 fna.sens#1:1 fna.cryes#2:1 vwc.vwcp#0:1 vwc.fb#1:2 ocfs.cdf0s#0:1
    sgls.sgls#0:2 sgls.ksdbds#2:1 sgls.sbbds#16:1 sgls.mba#17:1 sgls.lldts#18:1 sgls.msds#19:1
    sgls.saos#20:1 sgls.tsdbds#21:1 fcatt.dcms#0:1 ofcs.dcs#0:1

    bpcap@102:1 nssl@104:4 plsi@110:1 crcap@134:1 kpioc@358:1 mptfawr@360:2 tmpthha@384:1 cqt@386:2
    oaqd@564:4 rhiri@568:1 hirt@569:1 cmmrtd@570:2 nmmrtd@572:2 minmrtg@574:1 maxmrtg@575:1
    trattr@576:1 mcudmq@578:2 mnsudmq@580:2 mcmr@582:2 nmcmr@584:2 mcdqpc@586:2 dctype@1806:1

    oaes.tthr#16:1 oaes.rgcns#17:1 oaes.ansan#19:1 ctratt.hmbr#17:1 ctratt.rhii#18:1
    bpcap.rpmbbpwps#0:2 bpcap.sfbpwps#2:1 plsi.plsepf#0:1 plsi.plsfq#1:1
    crcap.rrsup#0:1 crcap.rgidc#1:1 dsto.hirs#1:1 sanicap.vers#3:1 sanicap.ndi#29:1
    sanicap.nodmmas#30:2 kpioc.kpios#0:1 kpioc.kpiosc#1:1 tmpthha.tmpthmh#0:3
    oncs.nvmcsa#9:1 oncs.nvmafc#10:1 oncs.maxwzd#11:1 oncs.nszs#12:1 fna.fnvmbs#3:1
    icsvscc.snvscf#0:1 nwpc.nwpwps#0:1 nwpc.wpupcs#1:1 nwpc.pwps#2:1 sgls.sdt#8:8
    ocfs.cdf1s#1:1 ocfs.cdf2s#2:1 ocfs.cdf3s#3:1
    trattr.thmcs#0:1 trattr.tudcs#1:1 trattr.mrtll#2:1
    ${Array.from({ length: 16 }, (_, level) => `rrls.rrl${level}#${level}:1`).join(" ")}

    fcatt.nznsetids#1:1 ocfs.cdf4s#4:1`,
};

/** SPDK, struct spdk_nvme_power_state; the times of 2.1, libnvme, struct nvme_id_psd. */
export const POWER_STATE_WITNESS: Witness = {
  source: "spdk_nvme_power_state and nvme_id_psd",
  facts: `
    power@0:4 enlat@4:4 exlat@8:4 relative@12:4 idle@16:3 active@20:3 powerLoss@23:6
    power.mp#0:16 power.mxps#24:1 power.nops#25:1 relative.rrt#0:5 relative.rrl#8:5
    relative.rwt#16:5 relative.rwl#24:5 idle.idlp#0:16 idle.ips#22:2 active.actp#0:16
    active.apw#16:3 active.aps#22:2
    powerLoss.epfrt#0:8 powerLoss.fqvt#8:8 powerLoss.epfvt#16:8 powerLoss.epfrts#24:4
    powerLoss.fqvts#28:4 powerLoss.epfvts#32:4`,
};

const SHARED_NAMESPACE_BITS = `
    nmic.shrns#0:1 nmic.disns#1:1 rescap.ptpls#0:1 rescap.wes#1:1 rescap.eas#2:1 rescap.weros#3:1
    rescap.earos#4:1 rescap.wears#5:1 rescap.eaars#6:1 rescap.ieks#7:1 fpi.rfnvm#0:7 fpi.fpis#7:1
    nsattr.cwp#0:1 kpios.kpioens#0:1 kpios.kpiosns#1:1`;

/** SPDK, struct spdk_nvme_ns_data; the rest, libnvme, struct nvme_id_ns. */
export const NAMESPACE_WITNESS: Witness = {
  source: "spdk_nvme_ns_data and nvme_id_ns",
  facts: `
    nsze@0:8 ncap@8:8 nuse@16:8 nsfeat@24:1 nlbaf@25:1 flbas@26:1 mc@27:1 dpc@28:1 dps@29:1
    nmic@30:1 rescap@31:1 fpi@32:1 dlfeat@33:1 nawun@34:2 nawupf@36:2 nacwu@38:2 nabsn@40:2
    nabo@42:2 nabspf@44:2 noiob@46:2 nvmcap@48:16 npwg@64:2 npwa@66:2 npdg@68:2 npda@70:2
    nows@72:2 mssrl@74:2 mcl@76:4 msrc@80:1 anagrpid@92:4 nsattr@99:1 nvmsetid@100:2 endgid@102:2
    nguid@104:16 eui64@120:8 lbaf@128:256 vs@384:3712
    nsfeat.thinp#0:1 nsfeat.nsabp#1:1 nsfeat.dae#2:1 nsfeat.uidreuse#3:1
    flbas.fidxl#0:4 flbas.mtelba#4:1 flbas.fidxu#5:2 mc.mtelbas#0:1 mc.mtsbs#1:1
    dpc.pit1s#0:1 dpc.pit2s#1:1 dpc.pit3s#2:1 dpc.piifb#3:1 dpc.piilb#4:1 dps.pit#0:3 dps.pip#3:1
    dlfeat.drb#0:3 dlfeat.wzds#3:1 dlfeat.gds#4:1 lbaf.ms#0:16 lbaf.lbads#16:8 lbaf.rp#24:2
    ${SHARED_NAMESPACE_BITS}

    kpios@81:1 nulbaf@82:1 kpiodaag@84:4
    nsfeat.optperf#4:2 nsfeat.mam#6:1 nsfeat.optrperf#7:1`,
};

/** SPDK, struct spdk_nvme_nvm_ns_data; the rest, libnvme, struct nvme_nvm_id_ns. */
export const NVM_NAMESPACE_WITNESS: Witness = {
  source: "spdk_nvme_nvm_ns_data and nvme_nvm_id_ns",
  facts: `
    lbstm@0:8 pic@8:1 elbaf@12:256 pic.pists16b#0:1 pic.pistm16b#1:1 pic.stcrs#2:1
    elbaf.sts#0:7 elbaf.pif#7:2
    pifa@9:1 npdgl@268:4 nprg@272:4 npra@276:4 nors@280:4 npdal@284:4 lbapss@288:4 tlbaag@292:4
    pic.qpifs#3:1 pifa.stmla#0:3 elbaf.qpif#9:4`,
};

/** SPDK, struct spdk_nvme_nvm_ctrlr_data; the rest, libnvme, struct nvme_id_ctrl_nvm. */
export const CONTROLLER_NVM_WITNESS: Witness = {
  source: "spdk_nvme_nvm_ctrlr_data and nvme_id_ctrl_nvm",
  facts: `
    vsl@0:1 wzsl@1:1 wusl@2:1 dmrl@3:1 dmrsl@4:4 dmsl@8:8
    kpiocap@16:1 wzdsl@17:1 aocs@18:2 ver@20:4 lbamqf@24:1
    kpiocap.kpios#0:1 kpiocap.kpiosc#1:1 aocs.ralbas#0:1 ver.ter#0:8 ver.mnr#8:8 ver.mjr#16:16`,
};

/** SPDK, struct spdk_nvme_ns_iocs_independent_data. */
export const NAMESPACE_INDEPENDENT_WITNESS: Witness = {
  source: "spdk_nvme_ns_iocs_independent_data",
  facts: `
    nsfeat@0:1 nmic@1:1 rescap@2:1 fpi@3:1 anagrpid@4:4 nsattr@8:1 nvmsetid@10:2 endgid@12:2
    nstat@14:1 kpios@15:1 maxkt@16:2 rgrpid@20:4
    nsfeat.uidreuse#3:1 nsfeat.rmedia#4:1 nsfeat.vwcnp#5:1 nstat.nrdy#0:1 nstat.ioi#1:2
    ${SHARED_NAMESPACE_BITS}`,
};

/** SPDK, struct spdk_nvme_ns_list. */
export const NAMESPACE_LIST_WITNESS: Witness = {
  source: "spdk_nvme_ns_list",
  facts: "identifiers@0:4096",
};

/** SPDK, struct spdk_nvme_ctrlr_list. */
export const CONTROLLER_LIST_WITNESS: Witness = {
  source: "spdk_nvme_ctrlr_list",
  facts: "numcids@0:2 identifiers@2:4094",
};

/** libnvme, struct nvme_id_endurance_group_list. */
export const ENDURANCE_GROUP_LIST_WITNESS: Witness = {
  source: "nvme_id_endurance_group_list",
  facts: "negids@0:2 identifiers@2:4094",
};

/** SPDK, struct spdk_nvme_ns_id_desc. */
export const DESCRIPTOR_WITNESS: Witness = {
  source: "spdk_nvme_ns_id_desc",
  facts: "nidt@0:1 nidl@1:1",
};

/** libnvme, struct nvme_id_nvmset_list. */
export const NVM_SET_LIST_WITNESS: Witness = {
  source: "nvme_id_nvmset_list",
  facts: "nument@0:1 entries@128:3968",
};

/** libnvme, struct nvme_nvmset_attr. */
export const NVM_SET_ENTRY_WITNESS: Witness = {
  source: "nvme_nvmset_attr",
  facts: "nsetid@0:2 endgid@2:2 r4krt@8:4 ows@12:4 tnvmsc@16:16 unvmsc@32:16",
};

/** libnvme, struct nvme_id_domain_list. */
export const DOMAIN_LIST_WITNESS: Witness = {
  source: "nvme_id_domain_list",
  facts: "nument@0:1 entries@128:3968",
};

/** libnvme, struct nvme_id_domain_attr. */
export const DOMAIN_ENTRY_WITNESS: Witness = {
  source: "nvme_id_domain_attr",
  facts: "did@0:2 tdc@16:16 udc@32:16 megdc@48:16",
};

/**
 * libnvme, struct nvme_id_ns_granularity_list, which knows the 16 descriptors of revision 1.4
 * (bytes 32 to 287): that there are 64, and bit GDM, has one source only.
 */
export const GRANULARITY_LIST_WITNESS: Witness = {
  source: "nvme_id_ns_granularity_list",
  facts: "nga@0:4 nd@4:1 ngd@32:1024 nga.gdm#0:1",
};

/** libnvme, struct nvme_id_ns_granularity_desc. */
export const GRANULARITY_WITNESS: Witness = {
  source: "nvme_id_ns_granularity_desc",
  facts: "nsg@0:8 ncg@8:8",
};

/** libnvme, struct nvme_id_uuid_list. */
export const UUID_LIST_WITNESS: Witness = {
  source: "nvme_id_uuid_list",
  facts: "entries@32:4064",
};

/** libnvme, struct nvme_id_uuid_list_entry. */
export const UUID_ENTRY_WITNESS: Witness = {
  source: "nvme_id_uuid_list_entry",
  facts: "uleh@0:1 uuid@16:16 uleh.idassoc#0:2",
};

/** SPDK, struct spdk_nvme_primary_ctrl_capabilities. */
export const PRIMARY_CONTROLLER_WITNESS: Witness = {
  source: "spdk_nvme_primary_ctrl_capabilities",
  facts: `
    cntlid@0:2 portid@2:2 crt@4:1 vqfrt@32:4 vqrfa@36:4 vqrfap@40:2 vqprt@42:2 vqfrsm@44:2
    vqgran@46:2 vifrt@64:4 virfa@68:4 virfap@72:2 viprt@74:2 vifrsm@76:2 vigran@78:2
    crt.vqrs#0:1 crt.virs#1:1`,
};

/** SPDK, struct spdk_nvme_secondary_ctrl_list. */
export const SECONDARY_LIST_WITNESS: Witness = {
  source: "spdk_nvme_secondary_ctrl_list",
  facts: "nument@0:1 entries@32:4064",
};

/** SPDK, struct spdk_nvme_secondary_ctrl_entry. */
export const SECONDARY_ENTRY_WITNESS: Witness = {
  source: "spdk_nvme_secondary_ctrl_entry",
  facts: "scid@0:2 pcid@2:2 scs@4:1 vfn@8:2 nvq@10:2 nvi@12:2 scs.ols#0:1",
};

/** SPDK, struct spdk_nvme_iocs_vector; bits 3 and 4, libnvme, struct nvme_id_iocs. */
export const COMMAND_SETS_WITNESS: Witness = {
  source: "nvme_id_iocs and spdk_nvme_iocs_vector",
  facts: `iocsc@0:4096
    iocsc.nvmcs#0:1 iocsc.kvcs#1:1 iocsc.znscs#2:1 iocsc.slmcs#3:1 iocsc.cpncs#4:1`,
};

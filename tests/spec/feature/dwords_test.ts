// Set Features dwords and completion dword 0 against literal bytes. The places of the pieces were
// typed from libnvme's `enum nvme_feat` and SPDK's `union spdk_nvme_feat_*`.

import * as d from "../../../src/spec/feature/dwords.ts";
import { dwordTests } from "../dwords.ts";

const LIBNVME = "enum nvme_feat";

dwordTests(
  d.ArbitrationDwords,
  "03 01 02 04",
  { cdw11: { ab: 3, lpw: 1, mpw: 2, hpw: 4 } },
  "spdk_nvme_feat_arbitration",
  "cdw11@0:4 cdw11.ab#0:3 cdw11.lpw#8:8 cdw11.mpw#16:8 cdw11.hpw#24:8",
);
dwordTests(
  d.PowerManagementDwords,
  "44 00 00 00",
  { cdw11: { ps: 4, wh: 2 } },
  "spdk_nvme_feat_power_management",
  "cdw11@0:4 cdw11.ps#0:5 cdw11.wh#5:3",
);
dwordTests(
  d.TemperatureThresholdDwords,
  "57 01 92 00",
  { cdw11: { tmpth: 343, tmpsel: 2, thsel: 1, tmpthh: 2 } },
  LIBNVME,
  "cdw11@0:4 cdw11.tmpth#0:16 cdw11.tmpsel#16:4 cdw11.thsel#20:2 cdw11.tmpthh#22:3",
);
dwordTests(
  d.VolatileWriteCacheDwords,
  "01",
  { cdw11: { wce: true } },
  "spdk_nvme_feat_volatile_write_cache",
  "cdw11@0:4 cdw11.wce#0:1",
);
dwordTests(
  d.AsyncEventConfigurationDwords,
  "1f c7 09 a8",
  {
    cdw11: {
      shcw: 0x1f,
      nan: true,
      fan: true,
      tln: true,
      anacn: false,
      plealcn: false,
      lsian: false,
      egealcn: true,
      nnsshdn: true,
      tthry: true,
      rassn: false,
      rgrp0: false,
      ansan: true,
      zdcn: true,
      pmdrlpcn: false,
      adlpcn: true,
      hdlpcn: false,
      dlpcn: true,
    },
  },
  LIBNVME,
  `cdw11@0:4 cdw11.shcw#0:8 cdw11.nan#8:1 cdw11.fan#9:1 cdw11.tln#10:1 cdw11.anacn#11:1
  cdw11.plealcn#12:1 cdw11.lsian#13:1 cdw11.egealcn#14:1 cdw11.nnsshdn#15:1 cdw11.tthry#16:1
  cdw11.rassn#17:1 cdw11.rgrp0#18:1 cdw11.ansan#19:1 cdw11.zdcn#27:1 cdw11.pmdrlpcn#28:1
  cdw11.adlpcn#29:1 cdw11.hdlpcn#30:1 cdw11.dlpcn#31:1`,
);
dwordTests(
  d.AutonomousPowerDwords,
  "01",
  { cdw11: { apste: true } },
  "spdk_nvme_feat_autonomous_power_state_transition",
  "cdw11@0:4 cdw11.apste#0:1",
);
dwordTests(
  d.KeepAliveDwords,
  "88 13",
  { kato: 5000 },
  "spdk_nvme_feat_keep_alive_timer",
  "kato@0:4",
);
dwordTests(
  d.ThermalManagementDwords,
  "66 01 5c 01",
  { cdw11: { tmt2: 358, tmt1: 348 } },
  "spdk_nvme_feat_host_controlled_thermal_management",
  "cdw11@0:4 cdw11.tmt2#0:16 cdw11.tmt1#16:16",
);
dwordTests(
  d.NonOperationalPowerDwords,
  "01",
  { cdw11: { noppme: true } },
  "spdk_nvme_feat_non_operational_power_state_config",
  "cdw11@0:4 cdw11.noppme#0:1",
);
dwordTests(
  d.NvmSetSelect,
  "03",
  { cdw11: { nvmsetid: 3 } },
  "libnvme, nvme_set_features_rrl",
  "cdw11@0:4 cdw11.nvmsetid#0:16",
);
dwordTests(
  d.ReadRecoveryLevelDwords,
  "03 00 00 00 0f",
  { cdw11: { nvmsetid: 3 }, cdw12: { rrl: 15 } },
  "libnvme, nvme_set_features_rrl",
  "cdw11@0:4 cdw11.nvmsetid#0:16 cdw12@4:4 cdw12.rrl#0:4",
);
dwordTests(
  d.ReadRecoveryLevelResult,
  "0f",
  { dw0: { rrl: 15 } },
  LIBNVME,
  "dw0@0:4 dw0.rrl#0:4",
);
dwordTests(
  d.PredictableLatencyDwords,
  "03 00 00 00 01",
  { cdw11: { nvmsetid: 3 }, cdw12: { ple: true } },
  "libnvme, nvme_set_features_plm_config",
  "cdw11@0:4 cdw11.nvmsetid#0:16 cdw12@4:4 cdw12.ple#0:1",
);
dwordTests(
  d.PredictableLatencyResult,
  "01",
  { dw0: { ple: true } },
  LIBNVME,
  "dw0@0:4 dw0.ple#0:1",
);
dwordTests(
  d.LatencyWindowDwords,
  "03 00 00 00 02",
  { cdw11: { nvmsetid: 3 }, cdw12: { wsel: 2 } },
  "libnvme, nvme_set_features_plm_window",
  "cdw11@0:4 cdw11.nvmsetid#0:16 cdw12@4:4 cdw12.wsel#0:3",
);
dwordTests(d.LatencyWindowResult, "02", { dw0: { wsel: 2 } }, LIBNVME, "dw0@0:4 dw0.wsel#0:3");
dwordTests(
  d.SanitizeConfigDwords,
  "01",
  { cdw11: { nodrm: true } },
  LIBNVME,
  "cdw11@0:4 cdw11.nodrm#0:1",
);
dwordTests(
  d.EnduranceGroupEventDwords,
  "02 01 0d",
  { cdw11: { endgid: 0x102, egcw: 0x0d } },
  LIBNVME,
  "cdw11@0:4 cdw11.endgid#0:16 cdw11.egcw#16:8",
);
dwordTests(
  d.CommandSetProfileDwords,
  "01 01",
  { cdw11: { iocsci: 257 } },
  LIBNVME,
  "cdw11@0:4 cdw11.iocsci#0:9",
);
dwordTests(d.SpinupDwords, "01", { cdw11: { sce: true } }, LIBNVME, "cdw11@0:4 cdw11.sce#0:1");
dwordTests(
  d.PowerLossSignalingDwords,
  "02",
  { cdw11: { plsm: 2 } },
  LIBNVME,
  "cdw11@0:4 cdw11.plsm#0:2",
);
dwordTests(
  d.FlexibleDataPlacementDwords,
  "01 00 00 00 01 02",
  { cdw11: { endgid: 1 }, cdw12: { fdpe: true, fdpcidx: 2 } },
  "spdk_nvme_feat_fdp_cdw11 and spdk_nvme_feat_fdp_cdw12",
  "cdw11@0:4 cdw11.endgid#0:16 cdw12@4:4 cdw12.fdpe#0:1 cdw12.fdpcidx#8:8",
);
dwordTests(
  d.EnduranceGroupSelect,
  "02 01",
  { cdw11: { endgid: 0x102 } },
  "spdk_nvme_feat_fdp_cdw11",
  "cdw11@0:4 cdw11.endgid#0:16",
);
dwordTests(
  d.FlexibleDataPlacementResult,
  "01 02",
  { dw0: { fdpe: true, fdpcidx: 2 } },
  LIBNVME,
  "dw0@0:4 dw0.fdpe#0:1 dw0.fdpcidx#8:8",
);
dwordTests(
  d.PlacementEventDwords,
  "05 00 03 00 01",
  { cdw11: { phndl: 5, noet: 3 }, cdw12: { fdpee: true } },
  "spdk_nvme_feat_fdp_events_cdw11 and spdk_nvme_feat_fdp_events_cdw12",
  "cdw11@0:4 cdw11.phndl#0:16 cdw11.noet#16:8 cdw12@4:4 cdw12.fdpee#0:1",
);
dwordTests(
  d.PlacementEventSelect,
  "05 00 03",
  { cdw11: { phndl: 5, noet: 3 } },
  "spdk_nvme_feat_fdp_events_cdw11",
  "cdw11@0:4 cdw11.phndl#0:16 cdw11.noet#16:8",
);
dwordTests(
  d.ControllerDataQueueDwords,
  "07 00 00 80 10 00 00 00 20",
  { cdw11: { cdqid: 7, etpt: true }, hp: 16, tpt: 32 },
  "libnvme, enum nvme_lm_ctrl_data_queue_fid and nvme_lm_set_features_ctrl_data_queue",
  "cdw11@0:4 cdw11.cdqid#0:16 cdw11.etpt#31:1 hp@4:4 tpt@8:4",
);
dwordTests(
  d.HostMetadataDwords,
  "00 40",
  { cdw11: { ea: 2 } },
  "one source",
  "cdw11@0:4 cdw11.ea#13:2",
);
dwordTests(
  d.HostMetadataSelect,
  "01",
  { cdw11: { gdhm: true } },
  "one source",
  "cdw11@0:4 cdw11.gdhm#0:1",
);
dwordTests(
  d.SoftwareProgressDwords,
  "09",
  { cdw11: { pbslc: 9 } },
  "spdk_nvme_feat_software_progress_marker",
  "cdw11@0:4 cdw11.pbslc#0:8",
);
dwordTests(
  d.HostIdentifierDwords,
  "01",
  { cdw11: { exhid: true } },
  "spdk_nvme_feat_host_identifier",
  "cdw11@0:4 cdw11.exhid#0:1",
);
dwordTests(
  d.ReservationNotificationDwords,
  "0a",
  { cdw11: { regpre: true, resrel: false, respre: true } },
  "spdk_nvme_feat_reservation_notification_mask",
  "cdw11@0:4 cdw11.regpre#1:1 cdw11.resrel#2:1 cdw11.respre#3:1",
);
dwordTests(
  d.ReservationPersistenceDwords,
  "01",
  { cdw11: { ptpl: true } },
  "spdk_nvme_feat_reservation_persistence",
  "cdw11@0:4 cdw11.ptpl#0:1",
);
dwordTests(
  d.WriteProtectionDwords,
  "02",
  { cdw11: { wps: 2 } },
  LIBNVME,
  "cdw11@0:4 cdw11.wps#0:3",
);
dwordTests(
  d.BootPartitionProtectionDwords,
  "1a",
  { cdw11: { bp0wps: 2, bp1wps: 3 } },
  LIBNVME,
  "cdw11@0:4 cdw11.bp0wps#0:3 cdw11.bp1wps#3:3",
);
dwordTests(
  d.NumberOfQueuesDwords,
  "07 00 0f 00",
  { cdw11: { nsqr: 7, ncqr: 15 } },
  "spdk_nvme_feat_number_of_queues",
  "cdw11@0:4 cdw11.nsqr#0:16 cdw11.ncqr#16:16",
);
dwordTests(
  d.NumberOfQueuesResult,
  "07 00 0f 00",
  { dw0: { nsqa: 7, ncqa: 15 } },
  "linux, nvme_set_queue_count",
  "dw0@0:4 dw0.nsqa#0:16 dw0.ncqa#16:16",
);
dwordTests(
  d.InterruptCoalescingDwords,
  "03 0a",
  { cdw11: { thr: 3, time: 10 } },
  "spdk_nvme_feat_interrupt_coalescing",
  "cdw11@0:4 cdw11.thr#0:8 cdw11.time#8:8",
);
dwordTests(
  d.InterruptVectorDwords,
  "02 00 01",
  { cdw11: { iv: 2, cd: true } },
  "spdk_nvme_feat_interrupt_vector_configuration",
  "cdw11@0:4 cdw11.iv#0:16 cdw11.cd#16:1",
);
dwordTests(
  d.HostMemoryBufferDwords,
  "03 00 00 00 00 40 00 00 00 10 20 30 01 00 00 00 08",
  {
    cdw11: { ehm: true, mr: true, hmnare: false },
    hsize: 0x4000,
    hmdla: 0x1_3020_1000n,
    hmdlec: 8,
  },
  "linux, nvme_set_host_mem; nvme-cli's printer",
  `cdw11@0:4 cdw11.ehm#0:1 cdw11.mr#1:1 cdw11.hmnare#2:1 hsize@4:4 hmdla@8:8 hmdlec@16:4`,
);
dwordTests(
  d.HostMemoryBufferResult,
  "0d",
  { dw0: { ehm: true, hmnare: true, hmnar: true } },
  "nvme-cli's printer",
  "dw0@0:4 dw0.ehm#0:1 dw0.hmnare#2:1 dw0.hmnar#3:1",
);

// Reservations against literal bytes.

import { fromCount } from "../../../src/layout/mod.ts";
import {
  ACQUIRE_ACTION,
  CPTPL,
  ExtendedRegisteredController,
  ExtendedReservationStatus,
  REGISTER_ACTION,
  RegisteredController,
  RELEASE_ACTION,
  RESERVATION_TYPE,
  ReservationAcquireData,
  ReservationAcquireDword,
  ReservationRegisterData,
  ReservationRegisterDword,
  ReservationReleaseData,
  ReservationReleaseDword,
  ReservationReportDwords,
  ReservationStatus,
} from "../../../src/spec/nvm/reservation.ts";
import { dwordTests } from "../dwords.ts";

// DISNSRS has one source; the rest SPDK, union spdk_nvme_cmd_cdw10 and struct
// spdk_nvme_reservation_*.
dwordTests(
  ReservationRegisterDword,
  "1a 00 00 c0",
  { cdw10: { rrega: REGISTER_ACTION.replace, iekey: true, disnsrs: true, cptpl: CPTPL.set } },
  "spdk_nvme_cmd_cdw10.resv_register",
  "cdw10@0:4 cdw10.rrega#0:3 cdw10.iekey#3:1 cdw10.disnsrs#4:1 cdw10.cptpl#30:2",
);
dwordTests(
  ReservationRegisterData,
  "01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 80",
  { crkey: 1n, nrkey: 0x8000_0000_0000_0002n },
  "spdk_nvme_reservation_register_data",
  "crkey@0:8 nrkey@8:8",
);
dwordTests(
  ReservationAcquireDword,
  "02 03",
  {
    cdw10: {
      racqa: ACQUIRE_ACTION.preemptAndAbort,
      iekey: false,
      disnsrs: false,
      rtype: RESERVATION_TYPE.writeExclusiveRegistrants,
    },
  },
  "spdk_nvme_cmd_cdw10.resv_acquire",
  "cdw10@0:4 cdw10.racqa#0:3 cdw10.iekey#3:1 cdw10.disnsrs#4:1 cdw10.rtype#8:8",
);
dwordTests(
  ReservationAcquireData,
  "01 00 00 00 00 00 00 00 02",
  { crkey: 1n, prkey: 2n },
  "spdk_nvme_reservation_acquire_data",
  "crkey@0:8 prkey@8:8",
);
dwordTests(
  ReservationReleaseDword,
  "01 06",
  {
    cdw10: {
      rrela: RELEASE_ACTION.clear,
      iekey: false,
      disnsrs: false,
      rtype: RESERVATION_TYPE.exclusiveAccessAllRegistrants,
    },
  },
  "spdk_nvme_cmd_cdw10.resv_release",
  "cdw10@0:4 cdw10.rrela#0:3 cdw10.iekey#3:1 cdw10.disnsrs#4:1 cdw10.rtype#8:8",
);
dwordTests(
  ReservationReleaseData,
  "01",
  { crkey: 1n },
  "spdk_nvme_reservation_key_data",
  "crkey@0:8",
);
dwordTests(
  ReservationReportDwords,
  "0f 00 00 00 03",
  { numd: fromCount(16, 2 ** 32), cdw11: { eds: true, disnsrs: true } },
  "spdk_nvme_cmd_cdw11.resv_report",
  "numd@0:4 cdw11@4:4 cdw11.eds#0:1 cdw11.disnsrs#1:1",
);

const STATUS = {
  gen: 7,
  rtype: RESERVATION_TYPE.exclusiveAccess,
  regctl: 0x0102,
  ptpls: 1,
};
const STATUS_BYTES = "07 00 00 00 02 02 01 00 00 01";
const STATUS_FACTS = "gen@0:4 rtype@4:1 regctl@5:2 ptpls@9:1";
dwordTests(ReservationStatus, STATUS_BYTES, STATUS, "nvme_resv_status", STATUS_FACTS);
dwordTests(ExtendedReservationStatus, STATUS_BYTES, STATUS, "nvme_resv_status", STATUS_FACTS);

const HOST = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
dwordTests(
  RegisteredController,
  "05 00 01 00 00 00 00 00 01 02 03 04 05 06 07 08 aa",
  { cntlid: 5, rcsts: { rcsts: true }, hostId: HOST.slice(0, 8), rkey: 0xaan },
  "nvme_registered_ctrl",
  "cntlid@0:2 rcsts@2:1 rcsts.rcsts#0:1 hostId@8:8 rkey@16:8",
);
dwordTests(
  ExtendedRegisteredController,
  "05 00 01 00 00 00 00 00 aa 00 00 00 00 00 00 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10",
  { cntlid: 5, rcsts: { rcsts: true }, rkey: 0xaan, hostId: HOST },
  "nvme_registered_ctrl_ext",
  "cntlid@0:2 rcsts@2:1 rcsts.rcsts#0:1 rkey@8:8 hostId@16:16",
);

// Every structure of the I/O commands, for whoever lists structures.

import { COPY_RANGES, CopyDwords, CopyResult } from "./copy.ts";
import { DatasetManagementDwords, DatasetRange } from "./dataset_management.ts";
import {
  CompareDwords,
  ReadDwords,
  WriteDwords,
  WriteUncorrectableDwords,
  WriteZeroesDwords,
} from "./io_dwords.ts";
import {
  IoManagementReceiveDwords,
  IoManagementSendDword,
  ReclaimUnitDescriptor,
  ReclaimUnitStatus,
} from "./io_management.ts";
import {
  ExtendedRegisteredController,
  ExtendedReservationStatus,
  RegisteredController,
  ReservationAcquireData,
  ReservationAcquireDword,
  ReservationRegisterData,
  ReservationRegisterDword,
  ReservationReleaseData,
  ReservationReleaseDword,
  ReservationReportDwords,
  ReservationStatus,
} from "./reservation.ts";

/** In the order of the commands' names. */
export const IO_STRUCTURES = [
  CompareDwords,
  CopyDwords,
  ...COPY_RANGES,
  CopyResult,
  DatasetManagementDwords,
  DatasetRange,
  IoManagementReceiveDwords,
  ReclaimUnitStatus,
  ReclaimUnitDescriptor,
  IoManagementSendDword,
  ReadDwords,
  ReservationAcquireDword,
  ReservationAcquireData,
  ReservationRegisterDword,
  ReservationRegisterData,
  ReservationReleaseDword,
  ReservationReleaseData,
  ReservationReportDwords,
  ReservationStatus,
  RegisteredController,
  ExtendedReservationStatus,
  ExtendedRegisteredController,
  WriteDwords,
  WriteUncorrectableDwords,
  WriteZeroesDwords,
] as const;

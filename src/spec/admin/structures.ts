// Every structure of the admin commands, for whoever lists structures.

import { AbortDword, AbortResult } from "./abort.ts";
import { AsyncEventResult } from "./async_event.ts";
import { CapacityDwords, CapacityResult } from "./capacity.ts";
import {
  AllocateStreamsDword,
  AllocateStreamsResult,
  DirectiveDwords,
  DirectiveParameters,
  EnableDirectiveDword,
  StreamsParameters,
} from "./directive.ts";
import { FirmwareCommitDword, FirmwareCommitResult, FirmwareDownloadDwords } from "./firmware.ts";
import { FormatDword } from "./format_nvm.ts";
import {
  CreateIoCompletionQueueDwords,
  CreateIoSubmissionQueueDwords,
  DeleteIoQueueDwords,
} from "./io_queues.ts";
import { LbaStatusDwords } from "./lba_status.ts";
import { LockdownDword, LockdownUuidDword } from "./lockdown.ts";
import {
  NamespaceAttachmentDword,
  NamespaceCreateData,
  NamespaceManagementDwords,
  NamespaceManagementResult,
} from "./namespace_management.ts";
import { SanitizeDwords } from "./sanitize.ts";
import {
  SecurityReceiveDwords,
  SecuritySendDwords,
  SupportedSecurityProtocols,
} from "./security.ts";
import { SelfTestDword, SelfTestParameter } from "./self_test.ts";
import {
  BlockSidFeature,
  DataStoreFeature,
  DiscoveryHeader,
  EnterpriseFeature,
  FeatureHeader,
  GeometryFeature,
  LockingFeature,
  OpalFeature,
  PyriteFeature,
  SingleUserFeature,
  TperFeature,
} from "./tcg_discovery.ts";
import { VirtualizationDwords, VirtualizationResult } from "./virtualization.ts";

/** In the order of the commands' names. */
export const ADMIN_STRUCTURES = [
  AbortDword,
  AbortResult,
  AsyncEventResult,
  CapacityDwords,
  CapacityResult,
  CreateIoCompletionQueueDwords,
  CreateIoSubmissionQueueDwords,
  DeleteIoQueueDwords,
  SelfTestDword,
  SelfTestParameter,
  DirectiveDwords,
  EnableDirectiveDword,
  AllocateStreamsDword,
  AllocateStreamsResult,
  DirectiveParameters,
  StreamsParameters,
  FirmwareDownloadDwords,
  FirmwareCommitDword,
  FirmwareCommitResult,
  FormatDword,
  LbaStatusDwords,
  LockdownDword,
  LockdownUuidDword,
  NamespaceManagementDwords,
  NamespaceManagementResult,
  NamespaceAttachmentDword,
  NamespaceCreateData,
  SanitizeDwords,
  SecurityReceiveDwords,
  SecuritySendDwords,
  SupportedSecurityProtocols,
  DiscoveryHeader,
  FeatureHeader,
  TperFeature,
  LockingFeature,
  GeometryFeature,
  EnterpriseFeature,
  OpalFeature,
  PyriteFeature,
  SingleUserFeature,
  DataStoreFeature,
  BlockSidFeature,
  VirtualizationDwords,
  VirtualizationResult,
] as const;

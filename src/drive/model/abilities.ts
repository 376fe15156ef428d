// How a kind of drive does the things that take long: sanitize, firmware activation; and its past.

import type { ErrorRecord, SelfTestRecord } from "../state.ts";

/** How sanitize operations go. A kind without a duration is one that the drive does not have. */
export interface SanitizeAbilities {
  readonly blockEraseMs?: number;
  /** For each pass. */
  readonly overwritePassMs?: number;
  readonly cryptoEraseMs?: number;
  /** Whether hosts may have blocks stay allocated (NDI clear). */
  readonly keepsBlocks?: boolean;
  /** The host may look at the media before they are deallocated, which takes so long then. */
  readonly verification?: { readonly deallocateMs: number };
  /** Where in the processing every operation fails, in percent. */
  readonly failsAtPercent?: number;
}

/** Sanitize of a drive that says nothing about it: everything, in durations to watch. */
export const DEFAULT_SANITIZE: SanitizeAbilities = {
  blockEraseMs: 20_000,
  overwritePassMs: 10_000,
  cryptoEraseMs: 2_000,
  keepsBlocks: true,
  verification: { deallocateMs: 2_000 },
};

/** How firmware is taken and started. */
export interface FirmwareAbilities {
  readonly readOnlySlot1: boolean;
  /** FWUG: pieces start and end at multiples of so many times 4 KiB; 255 for no restriction. */
  readonly granularity: number;
  /** Whether images can be started without a reset. */
  readonly withoutReset: boolean;
  /** MTFA: the longest pause for that. */
  readonly longestPauseMs: number;
  /** The pause for an image that does not say how long it takes. */
  readonly pauseMs: number;
  /** Images of more bytes are refused. */
  readonly imageBytes: number;
}

/** Firmware updates of a drive that says nothing about them. */
export const DEFAULT_FIRMWARE: FirmwareAbilities = {
  readOnlySlot1: true,
  granularity: 1,
  withoutReset: true,
  longestPauseMs: 5_000,
  pauseMs: 500,
  imageBytes: 16 * 1024 * 1024,
};

/** What happened to the drive before it came here. Lists have the newest first. */
export interface History {
  readonly errors?: readonly ErrorRecord[];
  readonly selfTests?: readonly SelfTestRecord[];
  /** Events of the persistent event log, whole, in base64. */
  readonly events?: readonly string[];
}

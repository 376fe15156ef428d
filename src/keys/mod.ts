// Keys: secrets for DH-HMAC-CHAP, pre-shared keys for TLS, and the kernel's keyrings.

export * from "./dhchap.ts";
export * from "./format_error.ts";
export * from "./hash.ts";
export * from "./hex.ts";
export * from "./interchange.ts";
export * from "./key_description.ts";
export * from "./keyring.ts";
export * from "./keyring_system.ts";
export * from "./redact.ts";
export * from "./secret.ts";
export * from "./tls_identity.ts";
export * from "./tls_keyring.ts";
export * from "./tls_psk.ts";

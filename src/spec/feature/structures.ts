// Every structure of the features, for whoever lists structures.

import { List, type Struct } from "../../layout/mod.ts";
import {
  FeatureCapabilities,
  FeatureUuidDword,
  GetFeaturesDword,
  SetFeaturesDword,
} from "./commands.ts";
import { HostMemoryDescriptor, MetadataElement } from "./data.ts";
import { FEATURES } from "./registry.ts";

type AnyStruct = Struct<object, unknown>;

/** Get and Set Features first, then in the order of the features. */
export const FEATURE_STRUCTURES: readonly AnyStruct[] = [
  GetFeaturesDword as AnyStruct,
  FeatureCapabilities as AnyStruct,
  SetFeaturesDword as AnyStruct,
  FeatureUuidDword as AnyStruct,
  ...FEATURES.flatMap(({ dwords, select, result, data }) =>
    [
      dwords,
      select,
      result,
      data?.structure instanceof List ? data.structure.entry : data?.structure,
      ...data?.others ?? [],
    ].filter((structure) => structure !== undefined)
  ),
  HostMemoryDescriptor as AnyStruct,
  MetadataElement as AnyStruct,
];

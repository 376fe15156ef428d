// Every structure of the Fabrics command set, for whoever lists structures.

import { AuthenticationReceiveFields, AuthenticationSendFields } from "./authentication.ts";
import {
  ConnectAccepted,
  ConnectData,
  ConnectFields,
  ConnectRefused,
  DisconnectFields,
} from "./connect.ts";
import { PropertyGetFields, PropertyGetValue, PropertySetFields } from "./property.ts";

/** In the order of the specification. */
export const FABRICS_STRUCTURES = [
  AuthenticationReceiveFields,
  AuthenticationSendFields,
  ConnectFields,
  ConnectData,
  ConnectAccepted,
  ConnectRefused,
  DisconnectFields,
  PropertyGetFields,
  PropertyGetValue,
  PropertySetFields,
] as const;

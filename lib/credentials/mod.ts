/**
 * Door of Content Credentials (C2PA): signed statements of where a file comes from, in the file or
 * beside it.
 * @module
 */
export { checkCredentials, type CredentialIngredient, type Credentials } from "./check.ts";
export {
  bringCredentialsLibrary,
  credentialsLibrary,
  type CredentialsLibraryOptions,
} from "./library_file.ts";
export { findCredentials, sidecarsOf } from "./presence.ts";
export { type SignedIngredient, type Signing, signPart } from "./sign.ts";
export type { C2paSigner as Signer } from "../native/mod.ts";
export { readSigner } from "./signer.ts";

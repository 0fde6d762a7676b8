/** What the types of age-encryption take from a browser's. */
interface CryptoKey {
  readonly type: string;
}
type AuthenticationExtensionsPRFValues = never;

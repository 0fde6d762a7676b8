/** What the types of age-encryption take from a browser's. */
type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type AuthenticationExtensionsPRFValues = never;

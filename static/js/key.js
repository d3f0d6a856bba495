// A drawing's key: the same key sent twice is one drawing, so that a retry stores nothing twice.

/** @returns {string} a random UUID (version 4) */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Pages on plain http have no randomUUID. RFC 9562: 4 marks the version, 8 to b the variant.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

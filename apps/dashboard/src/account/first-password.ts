/** Letters and digits that are not mistaken for one another when they are read out. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 5;

/**
 * A password to hand over, in groups: 20 characters of 31, some 99 bits.
 * @param random as many bytes as characters are needed, and some more: bytes that would favour a character are passed over.
 */
export function passwordFrom(random: Uint8Array): string {
  const limit = 256 - (256 % alphabet.length);
  const characters = [...random]
    .filter((byte) => byte < limit)
    .slice(0, groups * groupLength)
    .map((byte) => alphabet[byte % alphabet.length]);
  return Array.from({ length: groups }, (_, group) =>
    characters.slice(group * groupLength, (group + 1) * groupLength).join(''),
  ).join('-');
}

/** A new random password. */
export function firstPassword(): string {
  return passwordFrom(crypto.getRandomValues(new Uint8Array(128)));
}

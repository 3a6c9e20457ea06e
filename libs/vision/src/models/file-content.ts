/** Length and hash that tell a file from any other. */
export interface FileContent {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The first of the expected contents that a file has; undefined when it has none of them. */
export function matching<Expected extends FileContent>(
  expected: readonly Expected[],
  found: FileContent,
): Expected | undefined {
  return expected.find(({ bytes, sha256 }) => bytes === found.bytes && sha256 === found.sha256);
}

/** For people: all that would be right. */
export function formatExpected(expected: readonly FileContent[]): string {
  return expected.map(({ bytes, sha256 }) => `${bytes} and ${sha256}`).join(', or ');
}

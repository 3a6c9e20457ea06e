import type { ModelStatus } from '@latchkey/vision';

/** Models in columns: name, task, size, state, licence, where from; what is wrong or special stands below its line. */
export function modelsTable(models: readonly ModelStatus[]): string {
  const rows = [
    ['NAME', 'TASK', 'SIZE', 'STATE', 'LICENCE', 'FROM'],
    ...models.map(({ name, task, bytes, state, bundled, licence, source }) => [
      name,
      task,
      sizeText(bytes),
      state === 'absent' ? 'available' : state === 'damaged' ? 'DAMAGED' : bundled ? 'comes along' : 'added',
      licence,
      source,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines
    .flatMap((line, i) => {
      const model = models[i - 1];
      const remark = model?.problem ?? (model?.variant && variantText(model.variant));
      return remark ? [line, `  ${remark}`] : [line];
    })
    .join('\n');
}

/** Which other file of a network is here. */
export function variantText({ name, note }: NonNullable<ModelStatus['variant']>): string {
  return `variant ${name}: ${note}`;
}

/** A size in megabytes; nothing when it is not known. */
export function sizeText(bytes: number | null): string {
  return bytes === null ? '' : `${(bytes / 1e6).toFixed(1)} MB`;
}

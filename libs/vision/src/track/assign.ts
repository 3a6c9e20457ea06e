/** More than any sum of scores: a pair that must not be. */
const forbidden = 1e9;

/**
 * Pairs rows with columns so that the sum of the scores is greatest (the Hungarian method, Kuhn 1955, with potentials:
 * O(rows² · columns)).
 * @param scores per row and column, > 0 and < 1000; null where the two must not be paired.
 * @returns the column of each row, null for a row without one.
 */
export function assign(scores: readonly (readonly (number | null)[])[]): (number | null)[] {
  const rows = scores.length;
  const columns = scores[0]?.length ?? 0;
  // One column more for each row: staying alone, which costs nothing. All arrays count from 1; 0 is a sentinel.
  const width = columns + rows;
  const cost = (row: number, column: number): number => {
    if (column > columns) return 0;
    const score = scores[row - 1]?.[column - 1] ?? null;
    return score === null ? forbidden : -score;
  };
  const rowOf = new Array<number>(width + 1).fill(0);
  const rowPotential = new Array<number>(rows + 1).fill(0);
  const columnPotential = new Array<number>(width + 1).fill(0);
  for (let row = 1; row <= rows; row++) {
    const least = new Array<number>(width + 1).fill(Number.POSITIVE_INFINITY);
    const cameFrom = new Array<number>(width + 1).fill(0);
    const visited = new Array<boolean>(width + 1).fill(false);
    rowOf[0] = row;
    let column = 0;
    while (rowOf[column] !== 0) {
      visited[column] = true;
      const current = rowOf[column] as number;
      let [step, next] = [Number.POSITIVE_INFINITY, 0];
      for (let other = 1; other <= width; other++) {
        if (visited[other]) continue;
        const reduced = cost(current, other) - (rowPotential[current] as number) - (columnPotential[other] as number);
        if (reduced < (least[other] as number)) {
          least[other] = reduced;
          cameFrom[other] = column;
        }
        if ((least[other] as number) < step) [step, next] = [least[other] as number, other];
      }
      for (let other = 0; other <= width; other++) {
        if (visited[other]) {
          const owner = rowOf[other] as number;
          rowPotential[owner] = (rowPotential[owner] as number) + step;
          columnPotential[other] = (columnPotential[other] as number) - step;
        } else least[other] = (least[other] as number) - step;
      }
      column = next;
    }
    while (column !== 0) {
      const before = cameFrom[column] as number;
      rowOf[column] = rowOf[before] as number;
      column = before;
    }
  }
  const columnOf = new Array<number | null>(rows).fill(null);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column] as number;
    if (row > 0) columnOf[row - 1] = column - 1;
  }
  return columnOf;
}

/** The index of the first row that is past a mark, or how many rows there are. The rows are sorted: behind one that is past it, all are. */
export function bisect<Row>(rows: Row[], isPast: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const mid = (low + high) >> 1
    if (isPast(rows[mid] as Row)) high = mid
    else low = mid + 1
  }
  return low
}

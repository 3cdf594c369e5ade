/** How often each row happens: as a test `usual` times, and for the table in docs/delivery.md as often as TALLYMARK_REPETITIONS says. */
export const repetitionsOf = (usual: number): number => Number(process.env.TALLYMARK_REPETITIONS || usual)

/** Where the data of a database come from when it is made, where they do not come from the template that its `clone` edge names. */
export interface DataSource {
  /** What was committed in a living database of the same server at one instant; none of its sessions ends for it. */
  readonly kind: "snapshot";
  /** The id of its node. */
  readonly of: string;
  /** Above this size the template is used, so that a copy never takes minutes and the disk of its neighbours. */
  readonly mostBytes: number;
}

/** What is decided on where a copy's data come from, with what people are told before it begins. */
export type ChosenSource =
  | { readonly kind: "snapshot"; readonly seconds: number; readonly says: string }
  | { readonly kind: "template"; readonly says: string };

const MIB = 1024 * 1024;
/** Dump and restore begin and end, and the tables of Odoo are many and small. */
const BASE_SECONDS = 5;
/** Of a dump that is restored at once, by two processes on one processor each. */
const BYTES_A_SECOND = 12 * MIB;
/** A restored database is smaller than its original, and its log is as large again. */
const ROOM = 3;

/** Decides whether a copy is made from a snapshot of this many bytes or from the template. */
export function chooseSource(source: DataSource, found: { readonly bytes: number; readonly freeBytes?: number }): ChosenSource {
  const { bytes, freeBytes } = found;
  const size = `${mebibytes(bytes)} MiB`;
  if (bytes > source.mostBytes)
    return {
      kind: "template",
      says: `the template, without the data of ${source.of}: that has ${size}, and above ${mebibytes(source.mostBytes)} MiB no copy is made of it`,
    };
  if (freeBytes !== undefined && freeBytes < ROOM * bytes)
    return {
      kind: "template",
      says: `the template, without the data of ${source.of}: that has ${size}, and the disk has only ${mebibytes(freeBytes)} MiB free`,
    };
  const seconds = Math.ceil(BASE_SECONDS + bytes / BYTES_A_SECOND);
  return { kind: "snapshot", seconds, says: `a snapshot of ${source.of}, ${size}, about ${seconds} s` };
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / MIB);
}

import { expect, test } from "vitest";
import type { LedgerEntry } from "../../domain/ledger/entry.ts";
import type { WritePosition } from "../../domain/stack/write-position.ts";
import { positionNotes, watchWritePositions } from "./watch-write-positions.ts";

const SERVER = "pool/everyone/postgres";
const OLDER =
  "its data are older than what was there at 1970-01-01T00:01Z: at least 40 bytes of its log are gone, and with them what was written then in every database of it";

test("an older copy of a server's data is in the ledger once, and in status for a week", async () => {
  const ledger: string[] = [];
  let value: unknown;
  let time = 0;
  let written: readonly WritePosition[] = [];
  const store = {
    setting: async () => value as never,
    writeDown: async (entries: readonly LedgerEntry[], setting?: { readonly value: unknown }) => {
      ledger.push(...entries.map(({ act, subject, reasons }) => `${act} ${subject} ${reasons.join()}`));
      if (setting !== undefined) value = setting.value;
    },
  };
  const now = () => time;
  async function look(bytes: string, at: number): Promise<readonly string[]> {
    time = at;
    written = [{ server: SERVER, system: "7", written: bytes }];
    await watchWritePositions({ engine: { positions: async () => written }, store, now });
    return await positionNotes({ store, now });
  }
  expect([await look("100", 0), await look("140", 60_000)]).toEqual([[], []]);
  const note = `${SERVER}: ${OLDER}. Where nobody restored it on purpose, stop it and put its own data back`;
  expect([await look("100", 120_000), await look("120", 180_000)]).toEqual([[note], [note]]);
  expect(await look("130", 8 * 86_400_000)).toEqual([]);
  expect(ledger).toEqual([`data.older pool/everyone ${OLDER}`]);
});

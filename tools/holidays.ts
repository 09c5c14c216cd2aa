/** Writes the holidays that calendars know: `src/domain/calendar/generated/holidays.json`. Run it after a new version of date-holidays, and read the difference. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { COUNTRIES, holidayTable } from "./holiday-table.ts";

const path = join(import.meta.dirname, "../src/domain/calendar/generated/holidays.json");
const text = `${JSON.stringify(holidayTable(COUNTRIES), undefined, 1)}\n`;
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, text);
console.log(`wrote ${text.length} characters`);

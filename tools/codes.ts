export { CODE_TABLES } from "../src/app/revisions/code-tables.ts";

export { CODE_TABLES } from "../src/app/code-tables.ts";

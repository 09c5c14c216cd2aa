/** Names the shape of everything that `--json` prints. Raised when a field that scripts may read changes its meaning or goes away. */
export const CLI_SCHEMA = "ballast.dev/cli/v2";

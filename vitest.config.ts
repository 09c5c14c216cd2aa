import { defineConfig } from "vitest/config";

/** unit: pure and quick. integration: real PostgreSQL and child processes. e2e: real Docker, real Odoo. faults: what breaks on them, too long for every change. */
export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: ["src/**/*.integration.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: "fuzz", include: ["test/fuzz/**/*.test.ts"], testTimeout: 3_600_000 },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["src/**/*.integration.test.ts", "test/faults/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          maxConcurrency: 6,
        },
      },
      {
        extends: true,
        test: {
          name: "soak",
          include: ["test/soak/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 5_400_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "faults",
          include: ["test/faults/docker/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

import { GOOD, instead, problemsOf, TENANT } from "./good-fleet.ts";

/** One mistake for each code that is about a tenant's former name, and all that is said about it. */
export const RENAME_MISTAKES = {
  "BAL-F028": {
    problems: () => instead("{ name: acme }", "{ name: acme, renamedFrom: acme }"),
    say: ['21:38 renamedFrom "acme" is its own name'],
  },
  "BAL-F076": {
    problems: () => {
      const named = (name: string) => TENANT.replace("name: acme }", `name: ${name}, renamedFrom: former }`);
      return problemsOf(...GOOD.filter((one) => one !== TENANT), named("acme"), named("beta"));
    },
    say: ['29:38 renamedFrom "former" is that of acme already, and the data of one tenant becomes that of one other'],
  },
} as const;

/** Who has rights on the database that all of a server share, as the server tells it. */
export interface CommonAccess {
  /** True where every role has some. */
  readonly everybody: boolean;
  /** Roles that were let in by their names. */
  readonly letIn: ReadonlySet<string>;
  /** Roles that have any right by their names. */
  readonly named: ReadonlySet<string>;
}

/** Who is there, and who has business in it. */
export interface CommonRequest {
  /** All roles of the server. */
  readonly roles: ReadonlySet<string>;
  /** Those of ours: of tenants, of what is being made, or retired. What an operator granted to another role stays. */
  readonly ours: ReadonlySet<string>;
  /** The pooler's look-up, and the tenants whose Odoo still meets there. */
  readonly needing: ReadonlySet<string>;
}

export interface CommonEdits {
  readonly letIn: readonly string[];
  readonly shutOut: readonly string[];
  readonly shutEverybodyOut: boolean;
}

/**
 * What is to be done so that nobody connects to the database that all of a server share but who must: tenants would hear each other's notifications
 * there. Whoever needs it is let in by name before everybody is shut out.
 */
export function commonEdits({ everybody, letIn, named }: CommonAccess, { roles, ours, needing }: CommonRequest): CommonEdits {
  return {
    letIn: [...needing].filter((role) => roles.has(role) && !letIn.has(role)).sort(),
    shutOut: [...named].filter((role) => ours.has(role) && !needing.has(role)).sort(),
    shutEverybodyOut: everybody,
  };
}

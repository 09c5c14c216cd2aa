import { z } from "zod";
import { field } from "./forms.ts";
import { email, ownerName } from "./tenant.ts";

/** Who answers for something. */
export const owner = z.strictObject({
  name: field(ownerName, "Name of the team or person."),
  email: field(email, "Where they are reached."),
});

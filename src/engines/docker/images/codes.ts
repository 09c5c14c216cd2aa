import type { CodeEntry } from "../../../kernel/problem.ts";

/** What can go wrong while an image is made. */
export const IMAGE_CODES = [
  { code: "BAL-I001", title: "A recipe cannot be read or breaks the recipe format" },
  { code: "BAL-I002", title: "A base from a registry is not named by digest" },
  { code: "BAL-I003", title: "The Docker Engine does not answer" },
  { code: "BAL-I004", title: "A program that images are made with is missing" },
  { code: "BAL-I005", title: "The package sources of this machine name no Debian mirror" },
  { code: "BAL-I006", title: "The packages of a base image could not be installed" },
  { code: "BAL-I007", title: "The disk is too full to make an image" },
  { code: "BAL-I008", title: "A wheel could not be fetched, or is not the one that the recipe names" },
  { code: "BAL-I009", title: "The Docker Engine could not build the image" },
  { code: "BAL-I010", title: "The Docker Engine could not import the base image" },
  { code: "BAL-I011", title: "The base image could not be pulled from its registry" },
  { code: "BAL-I012", title: "Making the image was stopped or took too long" },
  { code: "BAL-I013", title: "The recipe has nothing for this kind of processor" },
  { code: "BAL-I014", title: "The finished image does not say what is inside it" },
] as const satisfies readonly CodeEntry[];

export type ImageCode = (typeof IMAGE_CODES)[number]["code"];

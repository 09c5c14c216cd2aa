/** Each boundary gets 32 addresses: Docker's own pools end at about 31 networks, a /16 cut so holds 2,048. */
export const PREFIX = 27;
const SIZE = 2 ** (32 - PREFIX);

interface Range {
  readonly from: number;
  readonly to: number;
}

function parseCidr(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (!match) return undefined;
  const address = match.slice(1, 5).reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(match[5]));
  const from = Math.floor(address / size) * size;
  return { from, to: from + size };
}

function formatCidr(address: number): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${parts.join(".")}/${PREFIX}`;
}

/** How many subnets of a range overlap none of those in use. */
export function subnetsLeft(range: string, used: readonly string[]): number {
  const whole = parseCidr(range);
  if (whole === undefined) return 0;
  const taken = used.map(parseCidr).filter((one): one is Range => one !== undefined);
  const starts = Array.from({ length: Math.floor((whole.to - whole.from) / SIZE) }, (_, index) => whole.from + index * SIZE);
  return starts.filter((from) => taken.every((one) => from + SIZE <= one.from || from >= one.to)).length;
}

/** The first subnet of the range that overlaps none of those in use, starting the search at `hint` so that names spread; undefined when the range is full. */
export function freeSubnet(range: string, used: readonly string[], hint: number): string | undefined {
  const whole = parseCidr(range);
  if (whole === undefined) return undefined;
  const taken = used.map(parseCidr).filter((one): one is Range => one !== undefined);
  const count = Math.floor((whole.to - whole.from) / SIZE);
  for (let step = 0; step < count; step++) {
    const from = whole.from + ((hint + step) % count) * SIZE;
    if (taken.every((one) => from + SIZE <= one.from || from >= one.to)) return formatCidr(from);
  }
  return undefined;
}

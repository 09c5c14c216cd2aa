/** A regular expression (RE2) that matches the decimal numbers greater than a whole number, as `Content-Length` is matched as text. */
export function moreThan(limit: number): string {
  const digits = String(limit);
  const longer = `[1-9][0-9]{${digits.length},}`;
  const sameLength = digits.split("").flatMap((digit, at) => {
    if (digit === "9") return [];
    const first = Number(digit) + 1;
    const rest = digits.length - at - 1;
    return [`${digits.slice(0, at)}[${first}-9]${rest === 0 ? "" : `[0-9]{${rest}}`}`];
  });
  return `^0*(${[longer, ...sameLength].join("|")})$`;
}

/** Two or three circles whose areas, and as far as it goes whose overlaps, are as the numbers say. Pure geometry. */

import type { Region } from "~/api/schema";

export interface Circle {
  key: string;
  x: number;
  y: number;
  r: number;
}

/** How many are in all of these audiences, whatever else they are in. */
export function inAll(regions: readonly Region[], keys: readonly string[]): number {
  return regions
    .filter((region) => keys.every((key) => region.audiences.includes(key)))
    .reduce((sum, region) => sum + region.count, 0);
}

/** In units of the largest radius. Three that cannot all be placed exactly are as near as a triangle allows. */
export function circlesOf(keys: readonly string[], regions: readonly Region[]): Circle[] {
  const sizes = keys.map((key) => inAll(regions, [key]));
  const largest = Math.max(1, ...sizes);
  const radii = sizes.map((size) => Math.sqrt(size / largest));
  const [a = 0, b = 0, c = 0] = radii;
  const between = (one: number, other: number) =>
    distance(
      radii[one] ?? 0,
      radii[other] ?? 0,
      (inAll(regions, [keys[one] ?? "", keys[other] ?? ""]) / largest) * Math.PI,
    );
  const ab = between(0, 1);
  const made: Circle[] = [
    { key: keys[0] ?? "", x: 0, y: 0, r: a },
    { key: keys[1] ?? "", x: ab, y: 0, r: b },
  ];
  if (keys.length > 2) {
    const [ac, bc] = [between(0, 2), between(1, 2)];
    // The corner of a triangle with these sides; where there is none, flat between the other two.
    const x = ab === 0 ? ac : (ab * ab + ac * ac - bc * bc) / (2 * ab);
    const y = Math.sqrt(Math.max(0, ac * ac - x * x));
    made.push({ key: keys[2] ?? "", x: Math.min(Math.max(x, -ac), ac), y, r: c });
  }
  return made;
}

/** So far apart two circles overlap in this area. */
export function distance(one: number, other: number, area: number): number {
  const small = Math.PI * Math.min(one, other) ** 2;
  if (area <= 0) return one + other + 0.08;
  if (area >= small) return Math.abs(one - other);
  let [near, far] = [Math.abs(one - other), one + other];
  for (let round = 0; round < 50; round += 1) {
    const middle = (near + far) / 2;
    if (lens(one, other, middle) > area) near = middle;
    else far = middle;
  }
  return (near + far) / 2;
}

/** The area that two circles share. */
export function lens(one: number, other: number, apart: number): number {
  if (apart >= one + other) return 0;
  if (apart <= Math.abs(one - other)) return Math.PI * Math.min(one, other) ** 2;
  const slice = (r: number, s: number) => {
    const cosine = (apart * apart + r * r - s * s) / (2 * apart * r);
    const half = Math.acos(Math.min(1, Math.max(-1, cosine)));
    return r * r * (half - Math.sin(2 * half) / 2);
  };
  return slice(one, other) + slice(other, one);
}

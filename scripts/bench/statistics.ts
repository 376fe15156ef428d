// Order statistics of noisy measurements: medians and quartiles, because means believe outliers.

/** The middle of some measurements, and the half of them around it. */
export interface Spread {
  readonly median: number;
  /** First quartile. */
  readonly low: number;
  /** Third quartile. */
  readonly high: number;
  /** Where the true median lies, with a confidence of 95 percent: from and to. */
  readonly between: readonly [number, number];
}

/** Two measurements that were taken one right after the other. */
export interface Pair<T> {
  readonly ours: T;
  readonly reference: T;
}

/**
 * The value below which `fraction` (0 to 1) of the measurements lie, between two of them by linear
 * interpolation. Throws RangeError when there are none.
 */
export function quantile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError("Cannot take a quantile: no measurements");
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Median and quartiles. Throws RangeError when there are no measurements. */
export function spread(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    between: medianInterval(values),
  };
}

/**
 * Two of the measurements between which the median of endlessly many would lie, with a confidence
 * of about 95 percent, whatever their distribution; all of the range where there are few.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((one, other) => one - other);
  // Measurements below the median are a binomial count of mean n / 2 and variance n / 4.
  const below = Math.max(0, Math.floor(sorted.length / 2 - 1.96 * Math.sqrt(sorted.length) / 2));
  return [sorted[below] ?? NaN, sorted[sorted.length - 1 - below] ?? NaN];
}

/**
 * The spread of ours : reference, pair by pair. A pair shares the machine's mood of its moment, so
 * that its ratio is steadier than the ratio of two medians.
 */
export function ratios<T>(pairs: readonly Pair<T>[], of: (run: T) => number): Spread {
  return spread(pairs.map(({ ours, reference }) => of(ours) / of(reference)));
}

/**
 * Measures pairs, of which each second one starts with the reference. The first `dropped` pairs
 * fill caches and do not count.
 */
export async function measurePairs<T>(
  plan: { readonly pairs: number; readonly dropped: number },
  ours: () => T | Promise<T>,
  reference: () => T | Promise<T>,
): Promise<readonly Pair<T>[]> {
  const pairs: Pair<T>[] = [];
  for (let at = 0; at < plan.pairs; at++) {
    if (at % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, reference: await reference() });
    } else {
      const first = await reference();
      pairs.push({ ours: await ours(), reference: first });
    }
  }
  return pairs.slice(plan.dropped);
}

/**
 * Whether a series goes somewhere over time.
 * @module
 */

/** A straight line through a series, by least squares. */
export interface Trend {
  /** Mean of the series. */
  readonly mean: number;
  /** Change a step. */
  readonly slope: number;
  /** Half the width of the slope's 95 % interval, for independent residuals. */
  readonly margin: number;
  /** Change from the line's begin to its end. */
  readonly change: number;
}

/** Fits a line through values at equal distances. Throws RangeError for fewer than three. */
export function trendOf(values: ArrayLike<number>): Trend {
  const n = values.length;
  if (n < 3) throw new RangeError(`a trend of ${n} values, at least 3 are needed`);
  const y = Array.from(values);
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const middle = (n - 1) / 2;
  let [sxx, sxy] = [0, 0];
  for (const [i, value] of y.entries()) {
    sxx += (i - middle) ** 2;
    sxy += (i - middle) * (value - mean);
  }
  const slope = sxy / sxx;
  const rest = y.reduce((sum, value, i) => sum + (value - mean - slope * (i - middle)) ** 2, 0);
  const margin = studentQuantile(n - 2) * Math.sqrt(rest / (n - 2) / sxx);
  return { mean, slope, margin, change: slope * (n - 1) };
}

/**
 * 97.5 % quantile of Student's distribution, by the expansion of Cornish and Fisher (Abramowitz and
 * Stegun 26.7.5); from 3 degrees of freedom on it is within half a per cent. One and two are exact.
 */
function studentQuantile(freedom: number): number {
  if (freedom === 1) return 12.7062;
  if (freedom === 2) return 4.3027;
  const z = 1.959964;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), z);
}

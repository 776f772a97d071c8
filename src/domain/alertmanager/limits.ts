/**
 * How much of one webhook is read. Alertmanager sets no limit anywhere: a 60 MB annotation arrives as one 120 MB request.
 * Lengths are in UTF-16 units.
 */
export const LIMITS = {
  /** Of the body, in bytes. */
  bodyBytes: 16 * 1024 * 1024,
  alerts: 20_000,
  /** Objects and lists inside each other; Alertmanager's own body has 4. */
  depth: 8,
  /** Labels of one alert, and annotations of one alert. */
  pairs: 256,
  name: 256,
  labelValue: 4096,
  annotationValue: 16_384,
} as const;

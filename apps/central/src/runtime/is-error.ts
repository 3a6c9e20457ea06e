/**
 * Whether something is an error by its form. `instanceof Error` does not know errors of another realm (Node's own inside Jest),
 * and `util.types.isNativeError` none that inherit in the old way (multer's).
 */
export function isError(value: unknown): value is Error {
  return value !== null && typeof value === 'object' && 'message' in value && typeof value.message === 'string';
}

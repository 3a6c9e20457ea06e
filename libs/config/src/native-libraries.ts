/** Environment variables that may be set. */
type WritableEnvironment = Record<string, string | undefined>;

/**
 * TensorFlow's C++ code writes hints about its build to stderr; from here on only errors, unless the variable was set. To be
 * called before it is loaded.
 */
export function quietTensorflow(environment: WritableEnvironment = process.env): void {
  // 0 everything, 1 no hints, 2 no warnings, 3 nothing.
  environment.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

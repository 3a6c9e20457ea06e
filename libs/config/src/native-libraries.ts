import { existsSync } from 'node:fs';

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

/** Where Linux machines with fonts have them described. */
const SYSTEM_FONTS = '/etc/fonts/fonts.conf';

/**
 * Fontconfig complains on stderr where no fonts are installed, as on servers; there it gets a description of its own, unless
 * a variable names one. To be called before text is drawn.
 * @param file a `fonts.conf`.
 */
export function quietFontconfig(file: string, environment: WritableEnvironment = process.env): void {
  if (environment.FONTCONFIG_PATH !== undefined || existsSync(SYSTEM_FONTS)) return;
  environment.FONTCONFIG_FILE ??= file;
}

import type { NextFunction, Request, Response } from 'express';

/**
 * What the dashboard may load: its own files, pictures that it holds in memory (webcam, previews), and styles that its
 * component library writes into the page. No script but our own files.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // The webcam is for enrolling people.
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
};

/** Middleware: headers that keep browsers from doing with our answers what they were not made for. */
export function securityHeaders(request: Request, response: Response, next: NextFunction): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (request.secure) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
  next();
}

/** Middleware for the API: what it answers is about people and belongs into no cache unless a route says so. */
export function noStore(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

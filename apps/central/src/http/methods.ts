/** Whether an HTTP method only reads (RFC 9110 §9.2.1, "safe"). */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

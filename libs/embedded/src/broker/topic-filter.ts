/** Whether an MQTT subscription filter covers a topic (MQTT 3.1.1 §4.7). */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const levels = topic.split('/');
  const pattern = filter.split('/');
  for (const [i, expected] of pattern.entries()) {
    if (expected === '#') return true;
    if (i >= levels.length || (expected !== '+' && expected !== levels[i])) return false;
  }
  return pattern.length === levels.length;
}

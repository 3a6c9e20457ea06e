/** Whether a topic falls under a subscription filter (MQTT 3.1.1 §4.7); a shared subscription matches as its inner filter. */
export function topicMatches(filter: string, topic: string): boolean {
  const pattern = innerFilter(filter).split('/');
  const levels = topic.split('/');
  // Wildcards at the start never match the broker's own topics.
  if (topic.startsWith('$') && (pattern[0] === '+' || pattern[0] === '#')) return false;
  for (const [i, expected] of pattern.entries()) {
    if (expected === '#') return true;
    if (i >= levels.length) return false;
    if (expected !== '+' && expected !== levels[i]) return false;
  }
  return pattern.length === levels.length;
}

/** `$share/ingest/a/+/b` → `a/+/b`. */
function innerFilter(filter: string): string {
  return filter.startsWith('$share/') ? filter.split('/').slice(2).join('/') : filter;
}

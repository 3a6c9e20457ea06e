import type { Decision } from '@latchkey/contracts';
import { IconBan, IconCircleCheck, IconHelpCircle, IconMask, IconMinus } from '@tabler/icons-react';
import { decisionWords } from './event-text.ts';
import classes from './log.module.css';

const icons = {
  granted: IconCircleCheck,
  denied: IconBan,
  unknown: IconHelpCircle,
  spoof: IconMask,
  'not-evaluated': IconMinus,
} as const satisfies Record<Decision, unknown>;

/** A decision in words with a sign of its own; colour only helps. */
export function DecisionBadge({ decision }: { decision: Decision }) {
  const Icon = icons[decision];
  return (
    <span className={classes.decision} data-decision={decision}>
      <Icon size={16} aria-hidden />
      {decisionWords[decision]}
    </span>
  );
}

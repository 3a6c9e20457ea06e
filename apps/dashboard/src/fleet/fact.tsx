import type { ReactNode } from 'react';
import classes from './fleet.module.css';

/** A fact about a device, in a list of facts. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

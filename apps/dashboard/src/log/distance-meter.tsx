import { distanceText } from './event-text.ts';
import classes from './log.module.css';

/** The bar shows distances up to this multiple of the largest allowed one. */
const span = 1.6;

/** Distance and largest allowed distance, as numbers and as a bar with a mark at the limit. */
export function DistanceMeter({ distance, maxDistance }: { distance: number | null; maxDistance: number | null }) {
  if (distance === null || maxDistance === null) return null;
  const share = Math.min(1, distance / (maxDistance * span));
  return (
    <div className={classes.distance}>
      <span className="lk-numbers">
        <abbr title="distance" className={classes.distanceWord}>
          distance
        </abbr>{' '}
        <strong>{distanceText(distance)}</strong>
        <span className="lk-soft"> / {distanceText(maxDistance)}</span>
      </span>
      <span className={classes.meter} aria-hidden="true">
        <span
          className={classes.meterFill}
          data-within={distance <= maxDistance}
          style={{ width: `${(share * 100).toFixed(1)}%` }}
        />
        <span className={classes.meterLimit} style={{ left: `${(100 / span).toFixed(1)}%` }} />
      </span>
    </div>
  );
}

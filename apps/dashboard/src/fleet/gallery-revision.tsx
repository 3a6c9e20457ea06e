import type { DeviceView } from '@latchkey/contracts';
import { useGroups } from '../groups/group-queries.ts';
import classes from './fleet.module.css';
import { GalleryStateLabel } from './state-labels.tsx';

type Gallery = DeviceView['galleries'][number];

/** Which revision of a group's gallery a device holds, beside the one that it shall hold. */
export function GalleryRevision({ gallery, withWord }: { gallery: Gallery; withWord?: boolean }) {
  const { data: groups = [] } = useGroups();
  const name = groups.find(({ id }) => id === gallery.groupId)?.name ?? gallery.groupId;
  return (
    <div className={classes.gallery} data-group={gallery.groupId} data-state={gallery.state}>
      <span className={classes.galleryName}>{name}</span>
      <span className="lk-numbers">
        {withWord && 'revision '}
        {revisionText(gallery)}
      </span>
      <GalleryStateLabel state={gallery.state} />
    </div>
  );
}

function revisionText({ revision, wantedRevision, epoch, wantedEpoch, reportedAt }: Gallery): string {
  if (reportedAt === null) return `none of ${wantedRevision}`;
  return epoch === wantedEpoch
    ? `${revision} of ${wantedRevision}`
    : `${epoch}.${revision} of ${wantedEpoch}.${wantedRevision}`;
}

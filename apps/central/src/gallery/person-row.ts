import { carriedAccess, type GalleryPerson } from '@latchkey/domain';

/** Columns of table `person` of which {@link personOf} makes a gallery's row. */
export const personColumns = `person.id AS "personId", person.name, person.always, person.valid_from AS "validFrom",
  person.valid_until AS "validUntil", person.schedule_id AS "scheduleId", person.duress, person.escorted`;

/** A person as {@link personColumns} reads them. */
export interface PersonColumns {
  readonly personId: string;
  readonly name: string;
  readonly always: boolean;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly scheduleId: string | null;
  readonly duress: boolean;
  readonly escorted: boolean;
}

/** A person as galleries carry them. */
export function personOf({ personId, name, always, validFrom, validUntil, ...rest }: PersonColumns): GalleryPerson {
  const access = carriedAccess({
    validFrom: validFrom?.toISOString() ?? null,
    validUntil: validUntil?.toISOString() ?? null,
    scheduleId: rest.scheduleId,
    duress: rest.duress,
    escorted: rest.escorted,
  });
  return access ? { personId, name, always, access } : { personId, name, always };
}

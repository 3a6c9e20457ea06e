import {
  type EnrolmentWarning,
  type EnrolmentWarningCode,
  enrolmentRefusal,
  judgeEnrolment,
  type LatchkeyError,
  type OtherPerson,
} from '@latchkey/domain';
import type { Gallery } from '@latchkey/vision';
import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { EnrolledFaces } from '../recognition/enrolled-faces.ts';
import { FaceAnalysis } from '../recognition/face-analysis.ts';
import type { FaceToEnrol } from './face-to-enrol.ts';
import { PersonRepository } from './person.repository.ts';

/** Looks whether faces that are to be enrolled fit those that are. */
@Injectable()
export class EnrolmentHygiene {
  constructor(
    @Inject(FaceAnalysis) private readonly analysis: FaceAnalysis,
    @Inject(EnrolledFaces) private readonly enrolled: EnrolledFaces,
    @Inject(PersonRepository) private readonly people: PersonRepository,
  ) {}

  /** Lets enrolments go one after another until the transaction ends; before any other lock. */
  async lock(sql: Sql): Promise<void> {
    await this.enrolled.lock(sql);
  }

  /**
   * Why each of the faces is not to be enrolled for a person, see `judgeEnrolment`; null for a good one. Groups make no
   * difference: two people of one face are one mistake, wherever they may enter.
   * @param faces with encodings of the present model.
   * @param acceptDespite what does not count.
   */
  async refusals(
    sql: Sql,
    personId: string,
    faces: readonly FaceToEnrol[],
    acceptDespite: readonly EnrolmentWarningCode[],
  ): Promise<(LatchkeyError | null)[]> {
    const judged = await this.#judge(sql, personId, faces);
    const told = judged.map((warnings) => warnings.find(({ code }) => !acceptDespite.includes(code)) ?? null);
    const names = await this.#names(sql, told);
    return told.map(
      (warning, i) =>
        warning && enrolmentRefusal(warning, faces[i]?.source ?? '', (id) => names.get(id) ?? 'another person'),
    );
  }

  async #judge(sql: Sql, personId: string, faces: readonly FaceToEnrol[]): Promise<(readonly EnrolmentWarning[])[]> {
    const model = await this.analysis.model();
    const own = await this.enrolled.ofPeople(sql, model, [personId]);
    const everybody = await this.enrolled.everybody(sql, model);
    return judgeEnrolment(
      {
        faces: faces.map(({ encoding: { values } }) => ({ values, other: nearestOther(everybody, personId, values) })),
        own: own.map(({ values }) => values),
        otherPeople: everybody.people - (own.length > 0 ? 1 : 0),
      },
      model,
    );
  }

  async #names(sql: Sql, warnings: readonly (EnrolmentWarning | null)[]): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    for (const warning of warnings) {
      if (warning?.code !== 'near-another-person' || names.has(warning.nearestPersonId)) continue;
      const person = await this.people.find(sql, warning.nearestPersonId);
      if (person) names.set(person.id, person.name);
    }
    return names;
  }
}

function nearestOther(everybody: Gallery, personId: string, values: Float32Array): OtherPerson | null {
  const nearest = everybody.search({ modelId: everybody.modelId, values }, 2);
  return nearest.find((person) => person.personId !== personId) ?? null;
}

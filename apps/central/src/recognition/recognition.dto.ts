import { uuid } from '@latchkey/contracts';
import { z } from 'zod';

/** Fields of `POST verify` beside the picture: one of them says who it is claimed to be. */
export const verifyRequest = z
  .strictObject({ personId: uuid.optional(), name: z.string().trim().min(1).max(200).optional() })
  .refine(({ personId, name }) => (personId === undefined) !== (name === undefined), 'give either personId or name');
export type VerifyRequest = z.infer<typeof verifyRequest>;

const picture = { type: 'string', format: 'binary' };

/** `multipart/form-data` of `POST verify`. */
export const verifyBody = {
  type: 'object',
  required: ['photo'],
  properties: { photo: picture, personId: { type: 'string', format: 'uuid' }, name: { type: 'string' } },
};

/** `multipart/form-data` of `POST recognize`. */
export const recognizeBody = { type: 'object', required: ['photo'], properties: { photo: picture } };

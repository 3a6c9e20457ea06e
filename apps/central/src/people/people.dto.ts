import { enrolmentResponse, page, personView, photoView, problemDetails } from '@latchkey/contracts';
import { z } from 'zod';

/** Answer of `GET people`. */
export const peoplePage = page(personView);

/** Where a page of people ends. */
export const peopleCursor = z.strictObject({ sortName: z.string().max(200), id: z.uuid() });

/** Answer of `GET people/:id/photos`. */
export const photoPage = page(photoView);

/** Body of a 422: a problem with the results of every picture. */
export const noneAcceptedSchema = problemDetails.extend(enrolmentResponse.shape);

/** `multipart/form-data` of `POST people/:id/photos`. */
export const photosBody = {
  type: 'object',
  required: ['photos'],
  properties: { photos: { type: 'array', items: { type: 'string', format: 'binary' } } },
};

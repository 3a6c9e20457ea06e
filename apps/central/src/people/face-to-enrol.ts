import type { NewEncoding, NewPhoto } from './photo.repository.ts';

/** A face to be enrolled: its encoding, and its picture when there is one. */
export interface FaceToEnrol {
  /** What the face's picture is called in messages. */
  readonly source: string;
  readonly encoding: Omit<NewEncoding, 'encodingId' | 'personId' | 'photoId'>;
  readonly photo: Omit<NewPhoto, 'id' | 'personId'> | null;
}

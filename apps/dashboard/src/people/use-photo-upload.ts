import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api-client.ts';
import { inBatches, type PhotoDraft, toSend, withAnyway, withFiles, withResults } from './photo-draft.ts';

/** Photos while they are chosen and sent, with the outcome of each as soon as it is known. */
export function usePhotoUpload() {
  const [photos, setPhotos] = useState<readonly PhotoDraft[]>([]);
  const upload = useMutation({
    mutationFn: async (personId: string) => {
      const outcome = { accepted: 0, refused: 0 };
      for (const sent of inBatches(toSend(photos))) {
        const answer = await api.addPhotos(
          personId,
          sent.map(({ file }) => file),
          sent[0]?.acceptDespite,
        );
        setPhotos((before) => withResults(before, sent, answer));
        for (const { accepted } of answer.results) outcome[accepted ? 'accepted' : 'refused'] += 1;
      }
      return outcome;
    },
  });
  return {
    photos,
    waiting: toSend(photos).length,
    accepted: photos.filter(({ state }) => state === 'accepted').length,
    add: (files: readonly File[]) => setPhotos((before) => withFiles(before, files)),
    enrolAnyway: (key: string) => setPhotos((before) => withAnyway(before, key)),
    remove: (key: string) => setPhotos((before) => before.filter((photo) => photo.key !== key)),
    upload,
  };
}

import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CentralConfig } from '@latchkey/config';
import { MAX_BYTES } from '@latchkey/vision';
import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { MulterModule, type MulterModuleOptions } from '@nestjs/platform-express';
import { diskStorage } from 'multer';
import { CENTRAL_CONFIG } from '../runtime/runtime.module.ts';

/** Pictures that one request may bring. */
export const maxPictures = 20;
/** A file's name is kept to be shown. */
const maxNameLength = 200;

/** A picture that was uploaded, on disk until the request is answered. */
export interface UploadedPicture {
  readonly path: string;
  /** What the sender calls it: for people only, never a path. */
  readonly name: string;
}

/** Multer's file as the rest of central sees it. */
export function uploadedPicture({ path, originalname }: Express.Multer.File): UploadedPicture {
  const name = Array.from(originalname.replace(/^.*[\\/]/, '').replace(/\p{Cc}/gu, ''))
    .slice(0, maxNameLength)
    .join('');
  return { path, name: name === '' ? 'picture' : name };
}

/** The folder where uploads wait. What a crash has left there is deleted at the next start: pictures of faces. */
@Injectable()
export class UploadFolder implements OnModuleInit {
  constructor(@Inject(CENTRAL_CONFIG) private readonly config: CentralConfig) {}

  get path(): string {
    return join(this.config.dataDir, 'uploads');
  }

  async onModuleInit(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }
}

@Module({ providers: [UploadFolder], exports: [UploadFolder] })
class UploadFolderModule {}

/**
 * Multipart uploads go to disk and not into memory, so that many large ones at once take none. Limits: files of 25 MB, twenty
 * of them, a few short fields beside them.
 */
export const Uploads = MulterModule.registerAsync({
  imports: [UploadFolderModule],
  inject: [UploadFolder],
  useFactory: (folder: UploadFolder): MulterModuleOptions => ({
    storage: diskStorage({
      destination: (_request, _file, done) => done(null, folder.path),
      filename: (_request, _file, done) => done(null, randomUUID()),
    }),
    limits: { fileSize: MAX_BYTES, files: maxPictures, fields: 10, fieldSize: 4096, parts: maxPictures + 10 },
    defParamCharset: 'utf8',
  }),
});
